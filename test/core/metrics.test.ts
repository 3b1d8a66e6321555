import { describe, expect, it } from 'vitest';
import { estimatedUsage } from '../../lambda/core/usage.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { METRICS, metricsOf } from '../../lambda/metrics.ts';

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
const summary = { requestId: 'r', route: 'POST /v2/chat', status: 200, latencyMs: 12, error: undefined };

describe('the metrics of a request', () => {
  it('have model, provider and outcome as dimensions, and never a person, an account or a key', () => {
    const { dimensions, values } = metricsOf({ ...summary, event });
    expect(dimensions).toEqual({ model: 'openai/gpt-4o', provider: 'openai', outcome: 'answered' });
    expect(values).toEqual({
      Requests: 1,
      LatencyMs: 12,
      TimeToFirstTokenMs: 3,
      InputTokens: 10,
      OutputTokens: 5,
      CostMicroDollars: 75,
    });
    for (const name of Object.keys(values)) expect(Object.keys(METRICS)).toContain(name);
  });

  it('are counted without dimensions when no model was asked', () => {
    expect(metricsOf({ ...summary, event: undefined })).toEqual({
      dimensions: {},
      values: { Requests: 1, LatencyMs: 12 },
    });
  });
});
