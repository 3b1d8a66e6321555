import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../lambda/routes.ts';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const models = (key: string) => fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });

describe('every admin route', () => {
  const routes = ROUTES.filter(({ function: name }) => name === 'admin');

  it.each(routes.map(({ method, path }) => [method, path]))('%s %s is for admins alone', async (method, path) => {
    const { account, key, keyId } = await gateway.newCaller({ tier: 'pro' });
    const own = path.replace('{id}', path.includes('keys') ? keyId : account);
    const call = (authorization?: string) =>
      fetch(gateway.url + own, {
        method,
        headers: authorization ? { authorization } : {},
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
    const byCaller = await call(`Bearer ${key}`);
    expect(byCaller.status).toBe(403);
    expect((await bodyOf(byCaller)).error).toMatchObject({ code: 'forbidden', type: 'permission_error' });
    expect((await call()).status).toBe(401);
    expect((await call('Bearer hg_nobody')).status).toBe(401);
    expect((await models(key)).status).toBe(200);
  });
});

describe('accounts', () => {
  it('are created, read, listed and changed, and every change leaves a record', async () => {
    const created = await gateway.asAdmin('POST', '/v2/admin/accounts', {
      id: 'acme',
      tier: 'pro',
      budgets: { monthDollars: 50 },
      timeZone: 'Europe/Berlin',
      tags: ['team-a'],
    });
    expect(created.status).toBe(201);
    expect(await bodyOf(created)).toMatchObject({
      id: 'acme',
      tier: 'pro',
      budgets: { monthMicroDollars: 50_000_000 },
      revision: 1,
    });
    expect((await gateway.asAdmin('POST', '/v2/admin/accounts', { id: 'acme' })).status).toBe(409);
    const changed = await gateway.asAdmin('PATCH', '/v2/admin/accounts/acme', {
      tier: 'expert',
      budgets: { monthDollars: null, dayDollars: 2 },
    });
    expect(await bodyOf(changed)).toMatchObject({
      tier: 'expert',
      budgets: { dayMicroDollars: 2_000_000 },
      timeZone: 'Europe/Berlin',
      revision: 2,
    });
    expect((await bodyOf(await gateway.asAdmin('GET', '/v2/admin/accounts/acme'))).budgets).toEqual({
      dayMicroDollars: 2_000_000,
    });
    expect((await bodyOf(await gateway.asAdmin('GET', '/v2/admin/accounts'))).data).toContainEqual({ id: 'acme' });
    const { data } = await bodyOf(await gateway.asAdmin('GET', '/v2/admin/accounts/acme/audit'));
    expect(data.map(({ action }: { action: string }) => action)).toEqual(['account.change', 'account.create']);
    expect(data[0]).toMatchObject({
      by: expect.stringMatching(/^key_/),
      before: { tier: 'pro' },
      after: { tier: 'expert' },
    });
  });

  it.each<[object, string]>([
    [{ id: 'a#b' }, 'id'],
    [{ id: '' }, 'id'],
    [{}, 'id'],
    [{ id: 'x1', tier: 'platinum' }, 'tier'],
    [{ id: 'x1', budgets: { dayDollars: -1 } }, 'dayDollars'],
    [{ id: 'x1', budgets: { dayDollar: 1 } }, 'body'],
    [{ id: 'x1', limits: { requestsPerMinute: 0 } }, 'requestsPerMinute'],
    [{ id: 'x1', timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ id: 'x1', allowedModels: ['gpt-5000'] }, 'allowedModels'],
    [{ id: 'x1', colour: 'red' }, 'body'],
  ])('that make no sense are refused by field: %j', async (body, param) => {
    const response = await gateway.asAdmin('POST', '/v2/admin/accounts', body);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error.param).toBe(param);
  });

  it('that are not there are a 404', async () => {
    for (const [method, path] of [
      ['GET', '/v2/admin/accounts/nobody'],
      ['PATCH', '/v2/admin/accounts/nobody'],
      ['POST', '/v2/admin/accounts/nobody/unlock'],
      ['DELETE', '/v2/admin/keys/key_nothing'],
      ['PATCH', '/v2/admin/keys/key_nothing'],
      ['POST', '/v2/admin/keys/key_nothing/rotate'],
    ] as const) {
      expect((await gateway.asAdmin(method, path, method === 'GET' ? undefined : {})).status).toBe(404);
    }
    expect((await gateway.asAdmin('POST', '/v2/admin/keys', { account: 'nobody' })).status).toBe(404);
  });
});

describe('keys', () => {
  it('are shown once, and never again in any list or record', async () => {
    const { account, key, keyId } = await gateway.newCaller({ tier: 'pro' }, { label: 'web' });
    expect(key).toMatch(/^hg_[\w-]{43}$/);
    const list = await (await gateway.asAdmin('GET', `/v2/admin/keys?account=${account}`)).text();
    const audit = await (await gateway.asAdmin('GET', `/v2/admin/accounts/${account}/audit`)).text();
    expect(JSON.parse(list).data).toMatchObject([{ id: keyId, label: 'web', role: 'caller', account }]);
    expect(JSON.parse(audit).data[0]).toMatchObject({ action: 'key.create' });
    for (const text of [list, audit]) expect(text).not.toContain(key);
  });

  it('are rotated with an overlap in which both work', async () => {
    const { key, keyId } = await gateway.newCaller({ tier: 'pro' }, { label: 'web' });
    const rotated = await bodyOf(
      await gateway.asAdmin('POST', `/v2/admin/keys/${keyId}/rotate`, { overlapSeconds: 1 }),
    );
    expect(rotated).toMatchObject({ label: 'web', replaces: { id: keyId } });
    expect((await models(rotated.key)).status).toBe(200);
    expect((await models(key)).status).toBe(200);
    await expect.poll(async () => (await models(key)).status, { timeout: 7_000, interval: 250 }).toBe(401);
    expect((await models(rotated.key)).status).toBe(200);
  });

  it('lose an amount, or the whole budget, to null', async () => {
    const { keyId } = await gateway.newCaller({ tier: 'pro' }, { budgets: { dayDollars: 1, monthDollars: 5 } });
    const budgetsAfter = async (budgets: unknown) =>
      (await bodyOf(await gateway.asAdmin('PATCH', `/v2/admin/keys/${keyId}`, { budgets }))).terms.budgets;
    expect(await budgetsAfter({ monthDollars: null })).toEqual({ dayMicroDollars: 1_000_000 });
    expect(await budgetsAfter(null)).toBeUndefined();
  });

  it('keep account and role when changed, and a revoked one stays revoked', async () => {
    const { key, keyId } = await gateway.newCaller({ tier: 'pro' });
    expect((await gateway.asAdmin('PATCH', `/v2/admin/keys/${keyId}`, { role: 'admin' })).status).toBe(400);
    const changed = await gateway.asAdmin('PATCH', `/v2/admin/keys/${keyId}`, { label: 'new', requestsPerMinute: 3 });
    expect(await bodyOf(changed)).toMatchObject({ label: 'new', terms: { requestsPerMinute: 3 } });
    expect((await gateway.asAdmin('DELETE', `/v2/admin/keys/${keyId}`)).status).toBe(200);
    await gateway.asAdmin('PATCH', `/v2/admin/keys/${keyId}`, { label: 'again' });
    expect((await gateway.asAdmin('POST', `/v2/admin/keys/${keyId}/rotate`, {})).status).toBe(409);
    await expect.poll(async () => (await models(key)).status, { timeout: 6_000, interval: 250 }).toBe(401);
  });
});
