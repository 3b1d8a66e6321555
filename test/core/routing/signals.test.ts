import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FURTHEST,
  FURTHEST_BY_SIGNALS,
  learnedOffset,
  type Opinions,
  scoresOffset,
  signalsOffset,
} from '../../../lambda/core/routing/learned-quality.ts';
import { type Signal, signalsOf } from '../../../lambda/core/routing/signals.ts';
import { TASK_CLASSES } from '../../../lambda/core/routing/task-class.ts';
import type { RoutingRecord } from '../../../lambda/core/usage-event.ts';

const taskClass = 'coding' as const;
const routing: RoutingRecord = {
  policy: 'balanced',
  taskClass,
  confidence: 1,
  complexity: 'low',
  model: 'a',
  because: 'price',
  demand: 1,
  needs: { inputTokens: 1 },
};
const entry = (model: string, error?: string) => ({
  model,
  startedAtMs: 0,
  latencyMs: 1,
  ...(error === undefined ? {} : { error }),
});
const signals = (answeredBy: string | undefined, ...attemptLog: ReturnType<typeof entry>[]) =>
  signalsOf({ routing, answeredBy, attemptLog, askedAgain: undefined });

describe('what a request tells of its models', () => {
  it('is an answer, less a little for one that took a second call', () => {
    expect(signals('a', entry('a'))).toEqual([{ modelId: 'a', taskClass, answers: 1, lostThousandths: 0 }]);
    const retried = signals('a', entry('a', 'provider_failed'), entry('a'));
    expect(retried).toEqual([{ modelId: 'a', taskClass, answers: 1, lostThousandths: 250 }]);
  });

  it('of a fallback is its own answer, and half a loss of the model that was to answer, if that was called', () => {
    expect(signals('b', entry('a', 'provider_timeout'), entry('b'))).toEqual([
      { modelId: 'b', taskClass, answers: 1, lostThousandths: 0 },
      { modelId: 'a', taskClass, answers: 1, lostThousandths: 500 },
    ]);
    for (const refusal of ['budget_exhausted', 'provider_overloaded', 'provider_key_refused', 'rate_limit_exceeded']) {
      expect(signals('b', entry('a', refusal), entry('b'))).toEqual([
        { modelId: 'b', taskClass, answers: 1, lostThousandths: 0 },
      ]);
    }
  });

  it('asked once more is a whole loss of who answered before, in the class of then', () => {
    const askedAgain = { modelId: 'c', taskClass: 'qa' as const };
    expect(signalsOf({ routing, answeredBy: undefined, attemptLog: [], askedAgain })).toEqual([
      { ...askedAgain, answers: 0, lostThousandths: 1_000 },
    ]);
  });

  it('that nobody answered is nothing', () => {
    expect(signals(undefined, entry('a', 'provider_failed'))).toEqual([]);
  });
});

const seen = (modelId: string, answers: number, lost: number): Signal => ({
  modelId,
  taskClass,
  answers,
  lostThousandths: lost * 1_000,
});
const learned = (...some: Signal[]): Opinions => ({ isFrozen: false, opinions: [], signals: some });

const anySignal = fc.record({
  modelId: fc.constantFrom('a', 'b', 'c'),
  taskClass: fc.constantFrom(...TASK_CLASSES),
  answers: fc.nat({ max: 1_000_000 }),
  lostThousandths: fc.nat({ max: 2_000_000_000 }),
});
const anyOpinion = fc.record({
  modelId: fc.constantFrom('a', 'b', 'c'),
  taskClass: fc.constantFrom(...TASK_CLASSES),
  count: fc.nat({ max: 1_000_000 }),
  meanScore: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('what signals move', () => {
  it('is at most 0.02, whatever was seen, and 0.07 with callers scores', () => {
    const known = fc.record({ isFrozen: fc.boolean(), opinions: fc.array(anyOpinion), signals: fc.array(anySignal) });
    fc.assert(
      fc.property(known, fc.constantFrom(...TASK_CLASSES), (opinions, ofClass) => {
        const bySignals = signalsOffset(opinions, 'a', ofClass);
        expect(Math.abs(bySignals)).toBeLessThanOrEqual(FURTHEST_BY_SIGNALS);
        expect(Math.abs(learnedOffset(opinions, 'a', ofClass))).toBeLessThanOrEqual(FURTHEST + FURTHEST_BY_SIGNALS);
        expect(scoresOffset({ ...opinions, signals: [] }, 'a', ofClass)).toBe(scoresOffset(opinions, 'a', ofClass));
      }),
    );
  });

  it('is nothing below 100 answers, and less than the same share of bad scores', () => {
    expect(signalsOffset(learned(seen('a', 99, 99), seen('b', 1_000, 0)), 'a', taskClass)).toBe(0);
    const bySignals = signalsOffset(learned(seen('a', 100, 6), seen('b', 1_000, 0)), 'a', taskClass);
    const said = { taskClass, count: 100 };
    const opinions = [
      { ...said, modelId: 'a', meanScore: 0.94 },
      { ...said, count: 1_000, modelId: 'b', meanScore: 1 },
    ];
    const byScores = scoresOffset({ isFrozen: false, opinions, signals: [] }, 'a', taskClass);
    expect(bySignals).toBeLessThan(0);
    expect(bySignals).toBeGreaterThan(byScores / 2);
  });

  it('goes by the share that was lost, not by how often a model is taken, and stays in its class', () => {
    const even = learned(seen('a', 10_000, 300), seen('b', 1_000, 30));
    expect(signalsOffset(even, 'a', taskClass)).toBeCloseTo(0, 10);
    const worse = learned(seen('a', 2_000, 200), seen('b', 2_000, 20));
    expect(signalsOffset(worse, 'a', taskClass)).toBeLessThan(-0.01);
    expect(signalsOffset(worse, 'b', taskClass)).toBeGreaterThan(0.01);
    expect(signalsOffset(worse, 'a', 'chat')).toBe(0);
  });
});
