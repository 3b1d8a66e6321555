import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { penalties } from '../../config/penalties.ts';
import { tiers } from '../../config/tiers.ts';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const ask = (key: string, change: object = {}, headers: Record<string, string> = {}) =>
  gateway.post(
    '/v1/chat/completions',
    { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }], max_tokens: 20, ...change },
    { authorization: `Bearer ${key}`, ...headers },
  );

describe('requests a minute', () => {
  it('are those of the tier, exactly, whoever comes at once', async () => {
    const { account, key } = await gateway.newCaller({ tier: 'free', limits: { callsInFlight: null } });
    const { requestsPerMinute } = tiers.free;
    const responses = await Promise.all(Array.from({ length: requestsPerMinute * 3 }, () => ask(key)));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(requestsPerMinute);
    expect(statuses.filter((status) => status === 429)).toHaveLength(requestsPerMinute * 2);
    const refused = await ask(key);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await bodyOf(refused)).error).toMatchObject({ code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect(await gateway.events(account)).toHaveLength(requestsPerMinute);
  });

  it('stand in the headers of every answer, in OpenAI’s names', async () => {
    const { key } = await gateway.newCaller({ tier: 'pro' });
    const response = await ask(key);
    const header = (name: string) => response.headers.get(`x-ratelimit-${name}`);
    expect(header('limit-requests')).toBe('50');
    expect(header('remaining-requests')).toBe('49');
    expect(header('reset-requests')).toMatch(/^1m[0-4]s$/);
    expect(header('limit-tokens')).toBe('400000');
    expect(Number(header('remaining-tokens'))).toBeLessThan(400_000);
  });

  it('may be fewer for one model, and for one key', async () => {
    const { account, key } = await gateway.newCaller({
      tier: 'pro',
      limits: { modelRequestsPerMinute: { 'openai/gpt-4o': 2 } },
    });
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await ask(key, { model: 'gpt-4o' })).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await ask(key)).status).toBe(200);
    const narrow = await bodyOf(await gateway.asAdmin('POST', '/v2/admin/keys', { account, requestsPerMinute: 1 }));
    expect((await ask(narrow.key)).status).toBe(200);
    expect((await ask(narrow.key)).status).toBe(429);
    expect((await ask(key)).status).toBe(200);
  });

  it('count for a model whose name ends in a number, beside others', async () => {
    const { key } = await gateway.newCaller({
      tier: 'pro',
      limits: { modelRequestsPerMinute: { 'openai/gpt-5.1': 2 } },
    });
    const statuses = [];
    for (let count = 0; count < 3; count++) {
      statuses.push((await ask(key, { model: 'gpt-5.1' })).status, (await ask(key)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 429, 200]);
  });

  it('count for a model that is reached as a fallback', async () => {
    const { key } = await gateway.newCaller({
      tier: 'pro',
      limits: { modelRequestsPerMinute: { 'openai/gpt-4o': 1 } },
    });
    const failing = { messages: [{ role: 'user', content: 'simulate:status=500' }] };
    const attempts = [];
    for (let count = 0; count < 2; count++) {
      attempts.push((await ask(key, failing, { 'x-headgate-fallbacks': 'gpt-4o' })).headers.get('x-headgate-attempts'));
    }
    expect(attempts).toEqual(['2', '1']);
  });

  it('are given back when money or calls in flight refuse the request', async () => {
    const { key } = await gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 0 } });
    for (let count = 0; count < 3; count++) {
      const refused = await ask(key);
      expect(refused.status).toBe(402);
      expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('49');
    }
  });

  it('count for what is refused all the same: a model that is not there, or not the caller’s', async () => {
    const { account, key } = await gateway.newCaller({ tier: 'free', allowedModels: ['openai/gpt-4o-mini'] });
    const statuses = [];
    for (let count = 0; count < tiers.free.requestsPerMinute + 2; count++) {
      statuses.push((await ask(key, { model: count % 2 === 0 ? 'nothing' : 'gpt-4o' })).status);
    }
    expect(statuses.slice(0, 2)).toEqual([404, 403]);
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect(await gateway.events(account)).toHaveLength(tiers.free.requestsPerMinute);
  });

  it('follow an admin who changes the tier', async () => {
    const { account, key } = await gateway.newCaller({ tier: 'free', limits: { requestsPerMinute: 1 } });
    expect((await ask(key)).status).toBe(200);
    expect((await ask(key)).status).toBe(429);
    await gateway.asAdmin('PATCH', `/v2/admin/accounts/${account}`, { limits: { requestsPerMinute: 3 } });
    await expect.poll(async () => (await ask(key)).status, { timeout: 6_000, interval: 500 }).toBe(200);
  });
});

describe('tokens a minute', () => {
  it('are reserved as input and most output, and corrected to the truth', async () => {
    const { key } = await gateway.newCaller({ limits: { tokensPerMinute: 1_000, requestsPerMinute: null } });
    const first = await ask(key, { max_tokens: 900 });
    expect(first.status).toBe(200);
    const used = (await bodyOf(first)).usage.total_tokens;
    expect(used).toBeLessThan(100);
    const second = await ask(key, { max_tokens: 900 });
    expect(second.status).toBe(200);
    const third = await ask(key, { max_tokens: 980 });
    expect(third.status).toBe(429);
    expect((await bodyOf(third)).error.message).toContain('tokens a minute');
    const neverFits = await ask(key, { max_tokens: 1_000 });
    expect(neverFits.status).toBe(400);
    expect((await bodyOf(neverFits)).error).toMatchObject({ param: 'max_tokens' });
  });
});

describe('calls in flight', () => {
  it('are limited, and end when the call does, also when the caller hangs up', async () => {
    const slow = await startGatewayUnderTest({ firstTokenMs: 400 });
    const { key } = await slow.newCaller({ tier: 'master', limits: { callsInFlight: 2 } });
    const call = (signal?: AbortSignal) =>
      fetch(`${slow.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }),
        ...(signal ? { signal } : {}),
      });
    const statuses = (await Promise.all([call(), call(), call(), call()])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 200, 429, 429]);
    const controller = new AbortController();
    const left = call(controller.signal).catch(() => 'left');
    setTimeout(() => controller.abort(), 100);
    expect(await left).toBe('left');
    await expect
      .poll(async () => (await Promise.all([call(), call()])).map(({ status }) => status))
      .toEqual([200, 200]);
    await slow.close();
  });
});

describe('an account that keeps calling while refused', () => {
  it('is locked out, is told until when and why, and an admin can lift it', async () => {
    const strict = await startGatewayUnderTest({
      overrides: { penalties: { ...penalties, refusalsBeforeLockOut: 1 } },
    });
    const { account, key } = await strict.newCaller({ limits: { requestsPerMinute: 1 } });
    const call = () =>
      strict.post('/v2/chat', { messages: [{ role: 'user', content: 'hi' }] }, { authorization: `Bearer ${key}` });
    expect((await call()).status).toBe(200);
    expect((await bodyOf(await call())).error.code).toBe('rate_limit_exceeded');
    const locked = await call();
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    const { error } = await bodyOf(locked);
    expect(error.code).toBe('locked_out');
    expect(error.message).toMatch(/until 20\d\d-.*kept calling/);
    expect((await strict.asAdmin('POST', `/v2/admin/accounts/${account}/unlock`)).status).toBe(200);
    await expect
      .poll(async () => (await bodyOf(await call())).error?.code, { timeout: 5_000 })
      .toBe('rate_limit_exceeded');
    await strict.close();
  });
});

describe('models', () => {
  it('an account or key may not use are refused before anything is charged, and skipped as fallbacks', async () => {
    const { account, key } = await gateway.newCaller(
      { tier: 'pro', allowedModels: ['openai/gpt-4o-mini', 'openai/gpt-4o'] },
      { allowedModels: ['openai/gpt-4o-mini', 'openai/gpt-4.1'] },
    );
    expect((await ask(key)).status).toBe(200);
    for (const model of ['gpt-4o', 'gpt-4.1', 'groq/gpt-oss-20b']) {
      const refused = await ask(key, { model });
      expect(refused.status).toBe(403);
      expect((await bodyOf(refused)).error).toMatchObject({ code: 'model_not_allowed', param: 'model' });
    }
    const failing = { messages: [{ role: 'user', content: 'simulate:status=500' }] };
    const response = await ask(key, failing, { 'x-headgate-fallbacks': 'gpt-4o,gpt-4.1' });
    expect(response.headers.get('x-headgate-attempts')).toBe('1');
    expect((await gateway.events(account)).filter((event) => event.attempts > 0)).toHaveLength(2);
  });
});
