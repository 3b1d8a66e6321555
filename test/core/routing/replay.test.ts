import { describe, expect, it } from 'vitest';
import { configuration } from '../../../config/index.ts';
import type { Model } from '../../../lambda/core/configuration.ts';
import type { Parts } from '../../../lambda/core/routing/choose-model.ts';
import { newReplay, type ReplayLine, replayEvent } from '../../../lambda/core/routing/replay.ts';
import { estimatedUsage } from '../../../lambda/core/usage.ts';
import type { RoutingRecord, UsageEvent } from '../../../lambda/core/usage-event.ts';

const model = (provider: string, dollars: number): Model => ({
  provider,
  upstreamName: 'm',
  contextWindowTokens: 10_000,
  price: { inputPerMillion: dollars, outputPerMillion: dollars },
});

/** Two models whose figures can be reckoned by hand: in coding they are worth 0.6 and 0.9, in chat 0.96 and 0.99. */
const parts: Parts = {
  models: { 'a/weak': model('a', 1), 'b/strong': model('b', 10), 'c/unrated': model('c', 2) },
  providers: {},
  qualities: { 'a/weak': { source: 'test', score: 60 }, 'b/strong': { source: 'test', score: 90 } },
  topics: {},
  routing: {
    policies: {
      cheapest: { tolerance: 0.2, prefer: 'price' },
      balanced: { tolerance: 0.05, prefer: 'price' },
      best: { tolerance: 0, prefer: 'quality' },
      fixed: { model: 'c/unrated' },
    },
    defaultPolicy: 'balanced',
    aliases: {},
  },
};

const record: RoutingRecord = {
  policy: 'balanced',
  taskClass: 'coding',
  confidence: 0.9,
  complexity: 'high',
  model: 'b/strong',
  because: 'price',
  demand: 1,
  needs: { inputTokens: 1_000 },
};

/** An answer of 1,000 tokens to 1,000 tokens: 2,000 micro-dollars of the weak model, 20,000 of the strong one. */
const event = (routing: Partial<RoutingRecord> = {}, fields: Partial<UsageEvent> = {}): UsageEvent => ({
  requestId: '0198c6de-7d5a-7c3e-8f3a-000000000000',
  account: 'acme',
  keyId: 'key_1',
  startedAtMs: 0,
  wire: 'openai',
  stream: false,
  requestedModel: 'auto',
  routing: { ...record, ...routing },
  model: 'b/strong',
  provider: 'b',
  outcome: 'answered',
  usage: estimatedUsage(1_000, 1_000),
  costMicroDollars: 20_000,
  priceCatalogueVersion: 'test',
  attempts: 1,
  latencyMs: 1,
  ...fields,
});

function replayOf(...events: UsageEvent[]) {
  const replay = newReplay(parts);
  for (const one of events) replayEvent(replay, one, parts);
  return replay;
}

const ledger = [
  // Coding: 0.3 apart, beyond every tolerance.
  event(),
  // Chat: 0.03 apart. What did answer was dearer than what the policy takes today.
  event({ taskClass: 'chat' }),
  // Coding that hardly demands anything: 0.075 apart, as demand is a quarter.
  event({ demand: 0.25 }),
  // The strong one's provider had no key.
  event({ leftOut: ['b/'], model: 'a/weak' }, { model: 'a/weak', provider: 'a', costMicroDollars: 2_000 }),
  // A ceiling that leaves only the weak one.
  event({ maxCostPer1MTokens: 5, model: 'a/weak' }, { model: 'a/weak', provider: 'a', costMicroDollars: 2_000 }),
];

describe('a replay of the ledger', () => {
  const { actual, policies, models, leftOut } = replayOf(...ledger);
  const figures = (line: ReplayLine | undefined) => {
    if (line === undefined) throw new Error('There is no such line.');
    const { requests, unfit, costMicroDollars, rated, qualitySum } = line;
    return [requests, unfit, costMicroDollars, rated, Number(qualitySum.toFixed(3))];
  };

  it('knows what it did cost', () => {
    // 3 x 20,000 + 2 x 2,000; 0.9 + 0.99 + 0.9 + 0.6 + 0.6.
    expect(figures(actual)).toEqual([5, 0, 64_000, 5, 3.99]);
  });

  it.each([
    // strong, weak, weak, weak, weak: 0.9 + 0.96 + (0.9 - 0.3 x 0.25) + 0.6 + 0.6
    ['cheapest', [5, 0, 28_000, 5, 3.885]],
    // strong, weak, strong, weak, weak: 0.9 + 0.96 + 0.9 + 0.6 + 0.6
    ['balanced', [5, 0, 46_000, 5, 3.96]],
    // strong three times, weak where there is nothing else
    ['best', [5, 0, 64_000, 5, 3.99]],
    // 4,000 each, of a model that nobody has rated
    ['fixed', [5, 0, 20_000, 0, 0]],
  ])('knows what %s would have cost', (policy, expected) => {
    expect(figures(policies.get(policy))).toEqual(expected);
  });

  it.each([
    // 0.6 + 0.96 + 0.825 + 0.6 + 0.6
    ['a/weak', [5, 0, 10_000, 5, 3.585]],
    // Above the ceiling of the last: 0.9 + 0.99 + 0.9 + 0.9
    ['b/strong', [4, 1, 80_000, 4, 3.69]],
  ])('knows what always %s would have cost, whoever had a key', (modelId, expected) => {
    expect(figures(models.get(modelId))).toEqual(expected);
  });

  it('counts what cannot be replayed, and why', () => {
    expect(leftOut).toEqual({ sideCalls: 0, named: 0, earlier: 0, notAnswered: 0, reused: 0 });
    const { routing: _routing, ...named } = event();
    const { demand: _demand, ...old } = record;
    const none = replayOf(
      named,
      event({}, { side: { kind: 'shadow', of: 'x' } }),
      event({}, { outcome: 'failed' }),
      event({}, { cache: 'exact', attempts: 0 }),
      { ...event(), routing: old as RoutingRecord },
    );
    expect(none.leftOut).toEqual({ sideCalls: 1, named: 1, earlier: 1, notAnswered: 1, reused: 1 });
    expect([none.actual.requests, none.policies.get('best')?.requests]).toEqual([0, 0]);
  });

  it('does with the real configuration what was chosen, for all that was chosen by its policy', () => {
    const routing = { ...record, needs: { inputTokens: 300, tools: true as const }, demand: 1.3 };
    const replay = newReplay(configuration);
    replayEvent(replay, event(routing), configuration);
    expect([...replay.policies.keys()]).toEqual(['cheapest', 'balanced', 'best', 'fastest']);
    for (const line of replay.policies.values()) expect([line.requests, line.rated]).toEqual([1, 1]);
    const quality = (name: string) => replay.policies.get(name)?.qualitySum ?? 0;
    expect(quality('best')).toBeGreaterThanOrEqual(quality('balanced'));
    expect(quality('balanced')).toBeGreaterThanOrEqual(quality('best') - 0.05);
  });
});
