import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
let caller: { account: string; key: string; keyId: string };
let statuses: number[] = [];

const today = new Date().toISOString().slice(0, 10);

const get = (path: string, key = caller.key) => gateway.get(path, { authorization: `Bearer ${key}` });

beforeAll(async () => {
  gateway = await startGatewayUnderTest({ overrides: { caching: { isOn: true } } });
  caller = await gateway.newCaller({ tier: 'master' });
  const ask = (content: string, model: string, headers: Record<string, string> = {}) =>
    gateway.post(
      '/v1/chat/completions',
      { model, messages: [{ role: 'user', content }] },
      { authorization: `Bearer ${caller.key}`, ...headers },
    );
  const responses = [
    await ask('Why is the sky blue?', 'openai/gpt-4o', { 'x-headgate-user': 'ada', 'x-headgate-tags': 'winter,web' }),
    await ask('Why is the sky blue?', 'openai/gpt-4o', { 'x-headgate-user': 'bob' }),
    await ask('Why is the sea blue?', 'openai/gpt-4o-mini', { 'x-headgate-user': 'ada' }),
    await ask('simulate:status=400', 'openai/gpt-4o-mini'),
  ];
  statuses = responses.map(({ status }) => status);
});
afterAll(() => gateway.close());

describe('GET /v2/usage', () => {
  it('sums up what the account used, to the micro-dollar, with what was saved beside it', async () => {
    expect(statuses).toEqual([200, 200, 200, 400]);
    const events = await gateway.events(caller.account);
    const cost = events.reduce((sum, event) => sum + event.costMicroDollars, 0);
    const report = await bodyOf(await get('/v2/usage'));
    expect(report).toMatchObject({
      account: caller.account,
      to: today,
      totals: { requests: 4, answered: 3, rejected: 1, cacheHits: 1, attempts: 3, costMicroDollars: cost },
      latencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
    });
    const [first] = events.filter(({ model, cache }) => model === 'openai/gpt-4o' && cache === undefined);
    expect(report.totals.savedMicroDollars).toBe(first?.costMicroDollars);
    expect(report.totals.costDollars).toBe((cost / 1e6).toFixed(6));
  });

  it.each<[string, Record<string, number>]>([
    ['day', { [today]: 4 }],
    ['month', { [today.slice(0, 7)]: 4 }],
    ['model', { 'openai/gpt-4o': 2, 'openai/gpt-4o-mini': 2 }],
    ['provider', { openai: 4 }],
    ['user', { ada: 2, bob: 1 }],
    ['tag', { web: 1, winter: 1 }],
  ])('groups by %s', async (groupBy, expected) => {
    const { groups } = await bodyOf(await get(`/v2/usage?groupBy=${groupBy}`));
    const requests = groups.map((group: { name: string; requests: number }) => [group.name, group.requests]);
    // Days without requests are there, too.
    expect(Object.fromEntries(requests.filter(([, count]: [string, number]) => count > 0))).toEqual(expected);
  });

  it('has percentiles of each model, and pages of groups', async () => {
    const { groups, next } = await bodyOf(await get('/v2/usage?groupBy=model&limit=1'));
    expect(groups).toMatchObject([{ name: 'openai/gpt-4o', latencyMs: { p95: expect.any(Number) } }]);
    const rest = await bodyOf(await get(`/v2/usage?groupBy=model&limit=1&after=${encodeURIComponent(next)}`));
    expect(rest.groups.map(({ name }: { name: string }) => name)).toEqual(['openai/gpt-4o-mini']);
    expect(rest.next).toBeUndefined();
  });

  it.each<[string, Record<string, number>]>([
    ['model=openai/gpt-4o&groupBy=day', { [today]: 2 }],
    ['model=openai/gpt-4o&groupBy=user', { ada: 1, bob: 1 }],
    ['user=ada&groupBy=model', { 'openai/gpt-4o': 1, 'openai/gpt-4o-mini': 1 }],
    ['user=ada&tag=web&groupBy=provider', { openai: 1 }],
    ['provider=openai&tag=web&user=bob&groupBy=model', {}],
  ])('sums up only what has %s', async (query, expected) => {
    const { groups, totals } = await bodyOf(await get(`/v2/usage?${query}`));
    const requests = groups.map((group: { name: string; requests: number }) => [group.name, group.requests]);
    expect(Object.fromEntries(requests.filter(([, count]: [string, number]) => count > 0))).toEqual(expected);
    expect(totals.requests).toBe(Object.values(expected).reduce((sum, count) => sum + count, 0));
  });

  it('sums up all accounts for admins, page by page of accounts', async () => {
    const other = await gateway.newCaller({ tier: 'master' });
    expect((await get('/v2/usage?account=*')).status).toBe(403);
    expect((await gateway.asAdmin('DELETE', '/v2/usage?account=*')).status).toBe(400);
    const all = await bodyOf(await gateway.asAdmin('GET', '/v2/usage?account=*&groupBy=account'));
    const byName = new Map(all.groups.map((group: { name: string }) => [group.name, group]));
    expect(byName.get(caller.account)).toMatchObject({ requests: 4, latencyMs: { p95: expect.any(Number) } });
    expect(byName.get(other.account)).toMatchObject({ requests: 0 });
    expect(all).toMatchObject({ account: '*', accounts: byName.size, totals: { requests: 4 } });
    let [requests, after] = [0, ''];
    for (let page = 0; page < byName.size; page++) {
      const query = `account=*&groupBy=model&limit=1${after}`;
      const { totals, accounts, next } = await bodyOf(await gateway.asAdmin('GET', `/v2/usage?${query}`));
      expect(accounts).toBe(1);
      requests += totals.requests;
      after = `&after=${encodeURIComponent(next)}`;
    }
    expect(requests).toBe(4);
    for (const query of ['groupBy=user', 'model=openai/gpt-4o', 'from=2025-12-01']) {
      expect((await gateway.asAdmin('GET', `/v2/usage?account=*&${query}`)).status).toBe(400);
    }
  });

  it("shows an account its own, and an admin any account's", async () => {
    expect((await bodyOf(await get('/v2/usage', API_KEY))).totals.requests).toBe(0);
    const foreign = await get(`/v2/usage?account=${caller.account}`, API_KEY);
    expect([foreign.status, (await bodyOf(foreign)).error.code]).toEqual([403, 'forbidden']);
    const admin = await bodyOf(await gateway.asAdmin('GET', `/v2/usage?account=${caller.account}`));
    expect(admin.totals.requests).toBe(4);
  });

  it.each([
    'from=yesterday',
    'from=2026-02-30',
    `from=${today}&to=2020-01-01`,
    'from=2020-01-01&to=2026-01-01',
    'from=2020-01-01&to=2020-02-01',
    'groupBy=color',
    'limit=0',
    'unknown=1',
    'from=',
  ])('answers 400 to %s', async (query) => {
    const response = await get(`/v2/usage?${query}`);
    expect([response.status, (await bodyOf(response)).error.type]).toEqual([400, 'invalid_request_error']);
  });
});

describe('GET /v2/usage/requests', () => {
  it('lists the newest first, page by page', async () => {
    const first = await bodyOf(await get('/v2/usage/requests?limit=3'));
    expect(first.data.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['rejected', 'answered', 'answered']);
    const second = await bodyOf(await get(`/v2/usage/requests?limit=3&cursor=${first.next}`));
    expect(second.data.map(({ user }: { user: string }) => user)).toEqual(['ada']);
    expect(JSON.stringify([first, second])).not.toContain('sky');
  });

  it('by model, outcome, end user and key', async () => {
    const ids = async (query: string) => (await bodyOf(await get(`/v2/usage/requests?${query}`))).data.length;
    expect([
      await ids('model=openai/gpt-4o'),
      await ids('outcome=rejected'),
      await ids('user=ada'),
      await ids(`key=${caller.keyId}`),
      await ids('key=key_0'),
    ]).toEqual([2, 1, 2, 4, 0]);
  });

  it("shows nobody another account's", async () => {
    expect((await bodyOf(await get('/v2/usage/requests', API_KEY))).data).toEqual([]);
    expect((await get(`/v2/usage/requests?account=${caller.account}`, API_KEY)).status).toBe(403);
    expect((await get('/v2/usage/requests?cursor=elsewhere')).status).toBe(400);
  });
});

describe('a query', () => {
  it('finds an end user by the name that was given, however long, and takes no field twice', async () => {
    const user = `${'x'.repeat(255)}🌱 and more`;
    const { key } = await gateway.newCaller({});
    const body = { model: 'openai/gpt-4o-mini', user, messages: [{ role: 'user', content: 'Name a plant.' }] };
    await (await gateway.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` })).text();
    const named = encodeURIComponent(user);
    expect((await bodyOf(await get(`/v2/usage?user=${named}`, key))).totals.requests).toBe(1);
    expect((await bodyOf(await get(`/v2/usage/export?user=${named}`, key))).requests).toHaveLength(1);
    const twice = await get('/v2/usage?user=ada&user=bob', key);
    expect([twice.status, (await bodyOf(twice)).error.param]).toEqual([400, 'user']);
  });
});
