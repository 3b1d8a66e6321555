import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const DEAREST = 'anthropic/claude-opus-5-5';
const messages = [{ role: 'user', content: 'Design a lock-free queue in Rust and prove that it is linearizable.' }];

async function best(key: string, more = {}) {
  const body = { model: 'auto:best', messages, max_tokens: 400, ...more };
  const response = await gateway.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
  await response.text();
  return response;
}

const suggested = async (key: string) =>
  bodyOf(await gateway.post('/v2/route-suggest', { messages, policy: 'best' }, { authorization: `Bearer ${key}` }));

describe('what is left of a budget', () => {
  it('leaves out models whose answer can cost more, as soon as the process knows it, and no call is lost to it', async () => {
    const { key, account } = await gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 0.005 } });
    // Nothing is known yet: the dearest is tried, does not get its reservation, and a cheaper one answers.
    expect((await best(key)).status).toBe(200);
    const second = await best(key);
    expect(second.status).toBe(200);
    const [before, after] = await gateway.events(account);
    expect(before?.routing?.model).toBe(DEAREST);
    expect(before?.attemptLog?.[0]).toMatchObject({ model: DEAREST, error: 'budget_exhausted' });
    expect(after?.routing?.leftOut).toContain(DEAREST);
    expect(after?.routing?.model).toBe(second.headers.get('x-headgate-model'));
    expect(after?.attemptLog).toBeUndefined();
  });

  it('refuses nobody by what the process believes: the reservation has the last word', async () => {
    const limits = { tokensPerMinute: null };
    const { key } = await gateway.newCaller({ tier: 'pro', limits, budgets: { dayDollars: 0.02 } });
    await best(key);
    const refused = await best(key, { max_tokens: 4_000_000 });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([402, expect.any(String)]);
  });

  it('is read for a suggestion, of day and month, account and key', async () => {
    const rich = await gateway.newCaller({ tier: 'pro', budgets: { monthDollars: 100 } });
    expect((await suggested(rich.key)).model).toBe(DEAREST);
    for (const [fields, keyFields] of [
      [{ budgets: { dayDollars: 0.02 } }, {}],
      [{ budgets: { monthDollars: 0.02 } }, {}],
      [{}, { budgets: { dayDollars: 0.02 } }],
    ] as const) {
      const { key } = await gateway.newCaller({ tier: 'pro', ...fields }, keyFields);
      const { model, alternatives } = await suggested(key);
      expect(model).not.toBe(DEAREST);
      expect(alternatives).toContainEqual(expect.objectContaining({ model: DEAREST, reason: 'budget' }));
    }
  });
});
