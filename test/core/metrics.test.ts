import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { estimatedUsage } from '../../lambda/core/usage.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { METRICS, MODEL_METRICS, metricsOf } from '../../lambda/metrics.ts';

const event: UsageEvent = {
  requestId: 'r',
  account: 'acme',
  keyId: 'key_1',
  user: 'ann@example.com',
  tags: ['team-a'],
  startedAtMs: 0,
  wire: 'openai',
  stream: true,
  requestedModel: null,
  model: 'openai/gpt-4o',
  provider: 'openai',
  outcome: 'answered',
  usage: estimatedUsage(10, 5),
  costMicroDollars: 75,
  priceCatalogueVersion: 'test',
  attempts: 1,
  latencyMs: 12,
  timeToFirstTokenMs: 3,
};
const summary = {
  requestId: 'r',
  route: 'POST /v2/chat',
  status: 200,
  latencyMs: 12,
  errorCode: undefined,
  error: undefined,
};

describe('the metrics of a request', () => {
  it('are those of all models together, and a few of its model', () => {
    const { values, ofModel } = metricsOf({ ...summary, event });
    expect(values).toEqual({
      Requests: 1,
      Answered: 1,
      LatencyMs: 12,
      TimeToFirstTokenMs: 3,
      InputTokens: 10,
      OutputTokens: 5,
      CostMicroDollars: 75,
      Attempts: 1,
      EstimatedUsage: 1,
    });
    expect(ofModel).toEqual({
      model: 'openai/gpt-4o',
      values: { Requests: 1, LatencyMs: 12, TimeToFirstTokenMs: 3, CostMicroDollars: 75 },
    });
    expect(JSON.stringify([values, ofModel])).not.toMatch(/acme|key_1|ann|team-a/);
  });

  it('of a side call are its money and tokens: no caller made the request', () => {
    const shadow = { ...event, side: { kind: 'shadow' as const, of: 'another' } };
    expect(metricsOf({ ...summary, event: shadow })).toEqual({
      values: { InputTokens: 10, OutputTokens: 5, CostMicroDollars: 75 },
      ofModel: { model: 'openai/gpt-4o', values: { CostMicroDollars: 75 } },
    });
  });

  it('tell what was saved, by what, and that a fallback answered', () => {
    const reused = { ...event, attempts: 0, cache: 'coalesced' as const, savedMicroDollars: 75 };
    expect(metricsOf({ ...summary, event: reused }).values).toMatchObject({ Coalesced: 1, SavedMicroDollars: 75 });
    expect(metricsOf({ ...summary, event: reused })).not.toHaveProperty('ofModel');
    const step = { startedAtMs: 0, latencyMs: 1 };
    const attemptLog = [
      { ...step, model: 'a', error: 'provider_failed' },
      { ...step, model: 'b' },
    ];
    expect(metricsOf({ ...summary, event: { ...event, attemptLog } }).values.Fallbacks).toBe(1);
  });

  it.each([
    ['rate_limit_exceeded', { RateLimited: 1 }],
    ['locked_out', { RateLimited: 1 }],
    ['budget_exhausted', { BudgetRefused: 1 }],
    ['invalid_api_key', {}],
  ])('count a refusal without an event: %s', (errorCode, expected) => {
    expect(metricsOf({ ...summary, event: undefined, errorCode })).toEqual({
      values: { Requests: 1, LatencyMs: 12, ...expected },
    });
  });

  it('are at most 200 for 30 models in a month', () => {
    // Chats are told by the chat function; a step of a plan and the jobs only count what goes wrong.
    const ofServices = Object.keys(METRICS).length + 2 * 6;
    expect(ofServices + 30 * MODEL_METRICS.length).toBeLessThanOrEqual(200);
    expect(Object.keys(configuration.models).length).toBeGreaterThan(30);
  });
});
