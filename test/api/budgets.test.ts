import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { dayAt } from '../../lambda/core/calendar.ts';
import { readDay } from '../../lambda/store/budget-item.ts';
import { localTableName } from '../../local/dynamo.ts';
import { bodyOf, eventually, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const UNLIMITED = { tier: 'master', limits: { requestsPerMinute: null, tokensPerMinute: null, callsInFlight: null } };

const ask = (key: string, change: object = {}, headers: Record<string, string> = {}) =>
  gateway.post(
    '/v1/chat/completions',
    { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], max_tokens: 30, ...change },
    { authorization: `Bearer ${key}`, ...headers },
  );

async function today(account: string) {
  const Key = { pk: `budget#${account}`, sk: dayAt(Date.now(), 'UTC') };
  const { Item } = await gateway.database.send(
    new GetCommand({ TableName: localTableName('usage'), Key, ConsistentRead: true }),
  );
  return readDay(Item);
}

describe('a budget', () => {
  it('is never overshot, however many call at once, and what is refused says when it resets', async () => {
    const { account, key } = await gateway.newCaller({
      ...UNLIMITED,
      budgets: { dayDollars: 0.01, hardStopPercent: 100 },
    });
    const responses = await Promise.all(Array.from({ length: 60 }, () => ask(key)));
    const answered = responses.filter(({ status }) => status === 200);
    expect(answered.length).toBeGreaterThan(3);
    expect(answered.length).toBeLessThan(60);
    const day = await today(account);
    expect(day.spent).toBeLessThanOrEqual(10_000);
    expect(day).toMatchObject({ committed: day.spent, pending: {}, callsInFlight: 0 });
    const events = await gateway.events(account);
    expect(events.reduce((sum, event) => sum + event.costMicroDollars, 0)).toBe(day.spent);
    expect(events).toHaveLength(answered.length);

    for (let tries = 0; tries < 100; tries++) if ((await ask(key)).status === 402) break;
    const refused = await ask(key);
    expect(refused.status).toBe(402);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);
    expect((await bodyOf(refused)).error).toMatchObject({
      code: 'budget_exhausted',
      message: expect.stringMatching(/account's budget of the day .* resets at 20\d\d-/),
    });
    expect((await today(account)).spent).toBeLessThanOrEqual(10_000);
  });

  it('bounds what both fields for the most tokens ask, and an estimate by what was reserved', async () => {
    const { account, key } = await gateway.newCaller({
      ...UNLIMITED,
      budgets: { dayDollars: 0.02, hardStopPercent: 100 },
    });
    expect((await ask(key, { max_completion_tokens: 1, max_tokens: 100_000 })).status).toBe(402);
    const wordy = {
      messages: [{ role: 'user', content: `simulate:nousage ${'x'.repeat(580)}` }],
      n: 8,
      max_tokens: 50,
    };
    expect((await ask(key, wordy)).status).toBe(200);
    const [event] = await gateway.events(account);
    expect(event?.usage.textOutputTokens).toBeLessThanOrEqual(400);
    expect((await today(account)).spent).toBeLessThanOrEqual(20_000);
  });

  it('says which of two budgets refuses, by when it resets', async () => {
    const { key } = await gateway.newCaller({ ...UNLIMITED, budgets: { dayDollars: 100, monthDollars: 0.000001 } });
    const { error } = await bodyOf(await ask(key));
    expect(error.message).toMatch(/budget of the month .* resets at 20\d\d-\d\d-01T/);
  });

  it('of a key is its own, inside that of its account', async () => {
    const { account, key } = await gateway.newCaller(
      { ...UNLIMITED, budgets: { dayDollars: 1 } },
      { budgets: { dayDollars: 0.000001 } },
    );
    const refused = await ask(key);
    expect(refused.status).toBe(402);
    expect((await bodyOf(refused)).error.message).toContain("key's budget");
    const other = await bodyOf(await gateway.asAdmin('POST', '/v2/admin/keys', { account }));
    expect((await ask(other.key)).status).toBe(200);
  });

  it('of a month counts the days before', async () => {
    const { account, key } = await gateway.newCaller({
      ...UNLIMITED,
      budgets: { monthDollars: 0.005, hardStopPercent: 100 },
    });
    expect((await ask(key)).status).toBe(200);
    for (let tries = 0; tries < 50; tries++) if ((await ask(key)).status === 402) break;
    expect((await ask(key)).status).toBe(402);
    expect((await today(account)).spent).toBeLessThanOrEqual(5_000);
  });

  it('is paid for what a broken or abandoned stream relayed, and not for a failure', async () => {
    const { account, key } = await gateway.newCaller({ ...UNLIMITED, budgets: { dayDollars: 1 } });
    await (await ask(key, { messages: [{ role: 'user', content: 'simulate:cut=4' }], stream: true })).text();
    const cut = (await today(account)).spent;
    expect(cut).toBeGreaterThan(0);
    expect((await ask(key, { messages: [{ role: 'user', content: 'simulate:status=500' }] })).status).toBe(502);
    expect(await today(account)).toMatchObject({ spent: cut, committed: cut, pending: {}, callsInFlight: 0 });
  });

  it('sends the caller to a cheaper model that fits, if the caller names one', async () => {
    const { key } = await gateway.newCaller({ ...UNLIMITED, budgets: { dayDollars: 0.0002, hardStopPercent: 100 } });
    const response = await ask(key, {}, { 'x-headgate-fallbacks': 'gpt-6-luna' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-headgate-model')).toBe('openai/gpt-6-luna');
    expect(response.headers.get('x-headgate-attempts')).toBe('1');
  });

  it('at its soft limit shows how far it is used, or allows only cheap models', async () => {
    const warned = await gateway.newCaller({ ...UNLIMITED, budgets: { dayDollars: 0.0003, hardStopPercent: 1_000 } });
    expect((await ask(warned.key)).headers.get('x-headgate-budget-percent')).toBeNull();
    await ask(warned.key);
    const shown = await ask(warned.key);
    expect(shown.status).toBe(200);
    expect(Number(shown.headers.get('x-headgate-budget-percent'))).toBeGreaterThanOrEqual(80);

    const softLimit = { maxCostPer1MTokens: 1 };
    const thrifty = await gateway.newCaller({
      ...UNLIMITED,
      budgets: { dayDollars: 0.00025, hardStopPercent: 1_000, softLimit },
    });
    for (let calls = 0; calls < 2; calls++) expect((await ask(thrifty.key)).status).toBe(200);
    expect((await ask(thrifty.key)).status).toBe(402);
    expect((await ask(thrifty.key, { model: 'gpt-6-luna' })).status).toBe(200);
    expect(await today(thrifty.account)).toMatchObject({ pending: {}, callsInFlight: 0 });
  });

  it('bounds an answer whose caller set no limit', async () => {
    const { key } = await gateway.newCaller({ ...UNLIMITED, budgets: { dayDollars: 0.05 } });
    const refused = await ask(key, { max_tokens: undefined });
    expect(refused.status).toBe(402);
    expect((await ask(key)).status).toBe(200);
  });
});

describe('the ceiling of the deployment', () => {
  it('is spent by all accounts together and then refuses each, with or without a budget of its own', async () => {
    const capped = await startGatewayUnderTest({
      overrides: { budgetRules: { ...configuration.budgetRules, globalDayMicroDollars: 8_000 } },
    });
    const free = await capped.newCaller(UNLIMITED);
    const limited = await capped.newCaller({ ...UNLIMITED, budgets: { dayDollars: 1 } });
    let refusals = 0;
    for (let calls = 0; calls < 200 && refusals < 4; calls++) {
      const { key } = calls % 2 === 0 ? free : limited;
      const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], max_tokens: 30 };
      const response = await capped.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
      if (response.status === 402) refusals += 1;
    }
    expect(refusals).toBe(4);
    const events = [...(await capped.events(free.account)), ...(await capped.events(limited.account))];
    const spent = events.reduce((sum, event) => sum + event.costMicroDollars, 0);
    expect(spent).toBeLessThanOrEqual(8_000);
    expect(spent).toBeGreaterThan(4_000);
    await capped.close();
  });
});

describe('money reserved on the way through a plan', () => {
  let resilient: GatewayUnderTest;
  beforeAll(async () => {
    const retry = { attempts: 2, firstBackoffMs: 1, maximumBackoffMs: 2 };
    resilient = await startGatewayUnderTest({ isResilient: true, overrides: { retry } });
  });
  afterAll(() => resilient.close());

  const BUDGETED = { ...UNLIMITED, budgets: { dayDollars: 1 } };
  const day = async (account: string) => {
    const Key = { pk: `budget#${account}`, sk: dayAt(Date.now(), 'UTC') };
    const { Item } = await resilient.database.send(
      new GetCommand({ TableName: localTableName('usage'), Key, ConsistentRead: true }),
    );
    return readDay(Item);
  };

  it.each<[string, { content: string; stream?: boolean; timeoutMs?: number }, number]>([
    ['a whole answer whose fallback answers', { content: 'simulate:status=500@gpt-4o' }, 200],
    ['a stream whose fallback answers', { content: 'simulate:status=500@gpt-4o', stream: true }, 200],
    ['a whole answer that nobody gives', { content: 'simulate:status=500' }, 502],
    ['a whole answer whose fallback is silent until the deadline', { content: 'simulate:hang', timeoutMs: 2_500 }, 504],
  ])('is what was spent after %s', async (_name, { content, stream = false, timeoutMs = 20_000 }, status) => {
    const { account, key } = await resilient.newCaller(BUDGETED);
    const response = await resilient.post(
      '/v1/chat/completions',
      { model: 'openai/gpt-4o', messages: [{ role: 'user', content }], max_tokens: 30, stream },
      {
        authorization: `Bearer ${key}`,
        'x-headgate-fallbacks': 'groq/gpt-oss-20b',
        'x-headgate-timeout-ms': String(timeoutMs),
      },
    );
    await response.text();
    expect(response.status).toBe(status);
    const [event] = await resilient.events(account);
    expect(await day(account)).toMatchObject({
      spent: event?.costMicroDollars,
      committed: event?.costMicroDollars,
      pending: {},
      callsInFlight: 0,
    });
  });

  it('is what was spent after a job, and nothing while it waits for its next round', async () => {
    const { account, key } = await resilient.newCaller(BUDGETED);
    const headers = { authorization: `Bearer ${key}` };
    const messages = [{ role: 'user', content: 'simulate:status=500@gpt-4.1' }];
    const post = (body: object) => resilient.post('/v2/jobs', { messages, maxTokens: 30, ...body }, headers);
    const { id } = await bodyOf(await post({ model: 'openai/gpt-4o', deadline: 60 }));
    await eventually(async () =>
      (await bodyOf(await resilient.get(`/v2/jobs/${id}`, headers))).state === 'succeeded' ? true : undefined,
    );
    // The result is there before it is settled.
    await eventually(async () => (Object.keys((await day(account)).pending).length === 0 ? true : undefined));
    const [event] = await resilient.events(account);
    expect(await day(account)).toMatchObject({ committed: event?.costMicroDollars, pending: {}, callsInFlight: 0 });
    const waiting = await bodyOf(await post({ model: 'openai/gpt-4.1', fallbacks: [], deadline: 600 }));
    await eventually(async () =>
      (await bodyOf(await resilient.get(`/v2/jobs/${waiting.id}`, headers))).attempts === 2 ? true : undefined,
    );
    await eventually(async () => (Object.keys((await day(account)).pending).length === 0 ? true : undefined));
    expect(await day(account)).toMatchObject({ committed: event?.costMicroDollars, callsInFlight: 0 });
  });
});
