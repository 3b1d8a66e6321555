import { describe, expect, it } from 'vitest';
import { deployment } from '../../config/deployment.ts';
import type { Stage } from '../../config/stages.ts';
import { chosenStage } from '../../lib/stage.ts';

const stage = (options: Partial<Stage>): Stage => ({
  stackName: 'One',
  environment: undefined,
  options: {},
  ...options,
});

describe('a stage', () => {
  it('that nobody names is dev, with the stacks there were before there were stages', () => {
    expect(chosenStage()).toEqual({ name: 'dev', stackName: 'Headgate', environment: undefined, deployment });
  });

  it('lays its own choices over those of all', () => {
    const all = { one: stage({ options: { releases: 'linear', logRetentionDays: 7 } }) };
    expect(chosenStage('one', all).deployment).toEqual({ ...deployment, releases: 'linear', logRetentionDays: 7 });
  });

  it('must be there, and be other stacks than every other', () => {
    expect(() => chosenStage('production')).toThrow('There is no stage "production". Choose one of dev, staging, prod');
    expect(() => chosenStage('toString')).toThrow('There is no stage');
    const same = { one: stage({}), two: stage({}) };
    expect(() => chosenStage('one', same)).toThrow('Two stages would be one stack, One.');
    const meeting = { one: stage({}), two: stage({ stackName: 'OneData' }) };
    expect(() => chosenStage('one', meeting)).toThrow('OneData');
  });
});
