import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

/** docs/architecture.md publishes these counts: what a chat asks of DynamoDB, before the provider and after it. */
let gateway: GatewayUnderTest;
let caching: GatewayUnderTest;
let calls: string[] = [];

beforeAll(async () => {
  gateway = await startGatewayUnderTest({ sweepEveryMs: 3_600_000 });
  caching = await startGatewayUnderTest({ sweepEveryMs: 3_600_000, overrides: { caching: { isOn: true } } });
  for (const client of [...gateway.databases, ...caching.databases])
    client.middlewareStack.add(
      (next, context) => (args) => {
        calls.push(String(context.commandName));
        return next(args);
      },
      { step: 'initialize', name: 'countCalls' },
    );
});
afterAll(() => Promise.all([gateway.close(), caching.close()]));

async function callsOf(key: string, asked = gateway, model = 'gpt-4o'): Promise<string[]> {
  calls = [];
  const body = { model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 20 };
  const response = await asked.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
  expect(response.status).toBe(200);
  return calls;
}

describe('the store calls of a chat', () => {
  it('without limits and budgets are one event; look-ups of key and circuits, and statistics, are shared by many', async () => {
    const { key } = await gateway.newCaller({
      limits: { requestsPerMinute: null, tokensPerMinute: null, callsInFlight: null },
    });
    expect(await callsOf(key)).toEqual(['GetItemCommand', 'QueryCommand', 'UpdateItemCommand', 'PutItemCommand']);
    expect(await callsOf(key)).toEqual(['PutItemCommand']);
  });

  it('with limits and budgets of a day are two before the provider, three after it', async () => {
    const { key } = await gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 10 } });
    await callsOf(key);
    const steady = await callsOf(key);
    expect(steady.slice(0, 2)).toEqual(['UpdateItemCommand', 'UpdateItemCommand']);
    expect(steady.slice(2).toSorted()).toEqual(['PutItemCommand', 'UpdateItemCommand', 'UpdateItemCommand']);
  });

  it('whose model is chosen are one more before the answer, budgets and signals included; scores are shared by many', async () => {
    const { key } = await gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 10 } });
    await callsOf(key, gateway, 'auto');
    const steady = await callsOf(key, gateway, 'auto');
    expect(steady.slice(0, 3)).toEqual(['UpdateItemCommand', 'UpdateItemCommand', 'PutItemCommand']);
    expect(steady.slice(3).toSorted()).toEqual(['PutItemCommand', 'UpdateItemCommand', 'UpdateItemCommand']);
  });

  it('with the response cache are one more for a hit, and no call of money; two more for a miss', async () => {
    const unlimited = { limits: { requestsPerMinute: null, tokensPerMinute: null, callsInFlight: null } };
    const { key } = await caching.newCaller(unlimited);
    const miss = await callsOf(key, caching);
    // The look-ups of key and circuits, and statistics, are shared by many.
    expect(miss.filter((name) => name !== 'QueryCommand').toSorted()).toEqual([
      'GetItemCommand',
      'GetItemCommand',
      'PutItemCommand',
      'PutItemCommand',
      'UpdateItemCommand',
    ]);
    expect(await callsOf(key, caching)).toEqual(['GetItemCommand', 'PutItemCommand']);
  });

  it('for a request refused by a limit known here are none', async () => {
    const { key } = await gateway.newCaller({ limits: { requestsPerMinute: 1 } });
    await callsOf(key);
    const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] };
    await gateway.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
    calls = [];
    const refused = await gateway.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
    expect(refused.status).toBe(429);
    expect(calls).toEqual([]);
  });
});
