import { describe, expect, it } from 'vitest';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { bodyOf } from './gateway-under-test.ts';
import { BASE, CANDIDATE, say, useTrials } from './trials-gateway.ts';

const { trials, ask, shadowOf } = useTrials();

describe('a split', () => {
  it('answers its share of conversations, the same in every turn, and says so', async () => {
    const models = new Set<string>();
    for (let index = 0; index < 12; index++) {
      const opening = say(`Conversation ${index}: shall we talk?`);
      const first = await trials.gateway.post('/v1/chat/completions', { model: 'split', messages: opening });
      const model = first.headers.get('x-headgate-model') ?? '';
      models.add(model);
      expect(first.headers.get('x-headgate-route-reason')).toMatch(
        model === CANDIDATE ? /; split; split$/ : /; split; fixed$/,
      );
      const answer = (await bodyOf(first)).choices[0].message;
      const messages = [...opening, answer, ...say('And then?')];
      const second = await trials.gateway.post('/v1/chat/completions', { model: 'split', messages });
      await second.text();
      expect(second.headers.get('x-headgate-model')).toBe(model);
      expect((await trials.gateway.eventOf(second))?.routing).toMatchObject({
        policy: 'split',
        because: model === CANDIDATE ? 'split' : 'conversation',
      });
    }
    expect(models).toEqual(new Set([BASE, CANDIDATE]));
  });
});

describe('POST /v2/route-suggest', () => {
  it("knows a policy's own model, and names its split", async () => {
    const ask = (policy: string, more = {}) =>
      trials.gateway.post('/v2/route-suggest', { prompt: 'Shall we talk?', policy, ...more });
    expect(await bodyOf(await ask('split'))).toMatchObject({
      model: BASE,
      reasoning: expect.stringContaining('is the model of policy split'),
      split: { model: CANDIDATE, percent: 50 },
    });
    expect((await bodyOf(await ask('split', { maxCostPer1MTokens: 1 }))).error.code).toBe('price_ceiling');
  });
});

describe('GET /v2/usage by route', () => {
  it("compares a policy's own answers with its split's and its shadow's, the scores that callers gave included", async () => {
    const { account, key } = await trials.gateway.newCaller({ tier: 'master' });
    const own = await ask('shadowed', 'Is copper red?', { key });
    await shadowOf(own.requestId, account);
    const split: Awaited<ReturnType<typeof ask>>[] = [];
    for (let index = 0; index < 8; index++) split.push(await ask('split', `Metal ${index}?`, { key }));
    const authorization = `Bearer ${key}`;
    const score = (requestId: string, value: number) =>
      trials.gateway.post('/v2/feedback', { requestId, score: value }, { authorization });
    expect((await score(own.requestId, 0.5)).status).toBe(200);
    const shadow = await shadowOf(own.requestId, account);
    expect((await score(shadow.requestId, 1)).status).toBe(400);

    const report = await bodyOf(await trials.gateway.get('/v2/usage?groupBy=route', { authorization }));
    const events = await trials.gateway.events(account);
    const cost = (some: UsageEvent[]) => some.reduce((sum, { costMicroDollars }) => sum + costMicroDollars, 0);
    expect(report.totals).toMatchObject({
      requests: 9,
      answered: 9,
      sideCalls: 1,
      scored: 1,
      meanScore: 0.5,
      costMicroDollars: cost(events),
    });
    const groups = Object.fromEntries(report.groups.map((group: { name: string }) => [group.name, group]));
    const inSplit = split.filter(({ response }) => response.headers.get('x-headgate-model') === CANDIDATE).length;
    expect(inSplit).toBeGreaterThan(0);
    expect(groups).toMatchObject({
      shadowed: { requests: 1, answered: 1, sideCalls: 0, meanScore: 0.5, latencyMs: { p50: expect.any(Number) } },
      [`shadowed/shadow:${CANDIDATE}`]: {
        requests: 1,
        answered: 1,
        sideCalls: 1,
        costMicroDollars: shadow.costMicroDollars,
        meanScore: null,
        latencyMs: { p95: expect.any(Number) },
      },
      split: { requests: 8 - inSplit },
      [`split/split:${CANDIDATE}`]: { requests: inSplit, answered: inSplit, latencyMs: { p50: expect.any(Number) } },
    });
    const byModel = await bodyOf(await trials.gateway.get('/v2/usage?groupBy=model', { authorization }));
    expect(byModel.groups.reduce((sum: number, group: { requests: number }) => sum + group.requests, 0)).toBe(9);
  });
});
