import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import type { Step } from '../../lambda/core/chain.ts';
import type { Model } from '../../lambda/core/configuration.ts';
import { GatewayError } from '../../lambda/core/errors.ts';
import { type Failure, failureOf, nextStep } from '../../lambda/core/next-step.ts';
import { failureFromAnswer } from '../../lambda/core/provider-failure.ts';

const step = (modelId: string, waitMs: number, contextWindowTokens = 1_000): Step => ({
  modelId,
  model: {
    ...(configuration.models['openai/gpt-4o'] as Model),
    provider: modelId.split('/')[0] ?? '',
    contextWindowTokens,
  },
  waitMs,
  timeoutMs: 1_000,
});

/** Two calls to a, then b at the same provider, then c elsewhere with more room. */
const steps = [step('one/a', 0), step('one/a', 1_500), step('one/b', 0), step('two/c', 0, 9_000)];

const failure = (more: Partial<Failure> = {}): Failure => ({
  failureClass: 'transient',
  code: 'provider_failed',
  retryAfterSeconds: undefined,
  ...more,
});
const situation = { nowMs: 0, deadlineMs: 60_000, mayRetry: true };
const retry = (next: number, waitMs = 0) => ({ verdict: 'retry', next, waitMs });

describe('what follows a failed call', () => {
  it.each<[string, number, Partial<Failure>, Partial<typeof situation>, object]>([
    ['a transient failure: the same model after its backoff', 0, {}, {}, retry(1, 1_500)],
    ['its last retry: the next model, at once', 1, {}, {}, retry(2)],
    [
      'a Retry-After above the backoff: the same model a little later',
      0,
      { retryAfterSeconds: 5 },
      {},
      retry(1, 5_150),
    ],
    ['a Retry-After below it: the backoff', 0, { retryAfterSeconds: 1 }, {}, retry(1, 1_500)],
    ['a Retry-After beyond patience: the next model', 0, { retryAfterSeconds: 31 }, {}, retry(2)],
    [
      'a Retry-After beyond the deadline: the next model',
      0,
      { retryAfterSeconds: 20 },
      { deadlineMs: 10_000 },
      retry(2),
    ],
    ['a call that took too long: the next model', 0, { code: 'provider_timeout' }, {}, retry(2)],
    ['no room in the retry budget: the next model', 0, {}, { mayRetry: false }, retry(2)],
    ['a model that cannot: the next model', 0, { failureClass: 'model' }, {}, retry(2)],
    [
      'a context that is too long: one with more room',
      0,
      { failureClass: 'model', code: 'context_length_exceeded' },
      {},
      retry(3),
    ],
    ['a dead key: another provider', 0, { failureClass: 'key' }, {}, retry(3)],
    ["the caller's fault: nothing", 0, { failureClass: 'caller' }, {}, { verdict: 'refused' }],
    ['a deadline or a hang-up: nothing', 0, { failureClass: 'stopped' }, {}, { verdict: 'refused' }],
    ['the last model: nothing', 3, {}, {}, { verdict: 'exhausted' }],
    ['no time left: nothing', 0, {}, { deadlineMs: 100 }, { verdict: 'exhausted' }],
  ])('after %s', (_name, index, failed, more, expected) => {
    expect(nextStep(steps, index, failure(failed), { ...situation, ...more })).toEqual(expected);
  });

  it('is the same model again after a long Retry-After when there is no other', () => {
    const alone = steps.slice(0, 2);
    expect(nextStep(alone, 0, failure({ retryAfterSeconds: 50 }), situation)).toEqual(retry(1, 50_150));
    expect(nextStep(alone, 0, failure({ retryAfterSeconds: 70 }), situation)).toEqual({ verdict: 'exhausted' });
    expect(nextStep(alone, 0, failure(), { ...situation, mayRetry: false })).toEqual({ verdict: 'exhausted' });
  });
});

describe('the class of a failure', () => {
  const answered = (status: number, code?: string) =>
    failureOf(
      failureFromAnswer({ status, body: { error: { code, message: 'x' } }, retryAfterSeconds: undefined, secrets: [] }),
    )?.failureClass;

  it.each([408, 409, 425, 429, 500, 502, 503, 504, 520, 529])('of status %i is transient', (status) => {
    expect(answered(status)).toBe('transient');
  });
  it.each([401, 402, 403])('of status %i is the key', (status) => expect(answered(status)).toBe('key'));
  it.each([400, 405, 413, 415, 422, 451])('of status %i is the caller', (status) =>
    expect(answered(status)).toBe('caller'),
  );
  it.each<[number, string | undefined, string]>([
    [404, undefined, 'model'],
    [400, 'context_length_exceeded', 'model'],
    [400, 'content_filter', 'model'],
    [400, 'unsupported_parameter', 'model'],
    [404, 'model_not_found', 'model'],
    [429, 'insufficient_quota', 'key'],
    [400, 'invalid_api_key', 'key'],
  ])('of status %i with code %s is %s', (status, code, failureClass) =>
    expect(answered(status, code)).toBe(failureClass),
  );

  it('of a budget that a cheaper model may fit is the model, of any other refusal of ours the caller', () => {
    expect(failureOf(new GatewayError('budget_exhausted', 'x'))?.failureClass).toBe('model');
    expect(failureOf(new GatewayError('rate_limit_exceeded', 'x'))?.failureClass).toBe('caller');
    expect(failureOf(new Error('a mistake'))).toBeUndefined();
  });
});
