import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTableName } from '../../local/dynamo.ts';
import { API_KEY, bodyOf, eventually, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
let caller: { account: string; key: string; keyId: string };

const get = (path: string) => gateway.get(path, { authorization: `Bearer ${caller.key}` });
const erase = (query: string, key = caller.key) =>
  fetch(`${gateway.url}/v2/usage${query}`, { method: 'DELETE', headers: { authorization: `Bearer ${key}` } });
const ask = (content: string, user: string) =>
  gateway.post(
    '/v1/chat/completions',
    { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content }] },
    { authorization: `Bearer ${caller.key}`, 'x-headgate-user': user, 'x-headgate-tags': 'team-of-ada' },
  );

beforeAll(async () => {
  gateway = await startGatewayUnderTest({ sweepEveryMs: 1_000, overrides: { caching: { isOn: true } } });
  caller = await gateway.newCaller({ tier: 'master' });
  await ask('Why is the sky blue?', 'ada@example.com');
  await ask('Why is the sea blue?', 'ada@example.com');
  await ask('Why is snow white?', '=cmd|calc');
});
afterAll(() => gateway.close());

describe('the export', () => {
  it('has everything about one end user, or about the account', async () => {
    const response = await get('/v2/usage/export?user=ada@example.com');
    expect(response.headers.get('content-disposition')).toContain('headgate-usage.json');
    const one = await bodyOf(response);
    expect(one).toMatchObject({ account: caller.account, user: 'ada@example.com' });
    expect(one.requests.map(({ user }: { user: string }) => user)).toEqual(['ada@example.com', 'ada@example.com']);
    expect(one.keptAnswers).toHaveLength(2);
    expect((await bodyOf(await get('/v2/usage/export'))).requests).toHaveLength(3);
  });

  it('is a table in which no cell is a formula', async () => {
    const response = await get('/v2/usage/export?format=csv');
    expect(response.headers.get('content-type')).toContain('text/csv');
    const lines = (await response.text()).trim().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain('requestId,startedAt,keyId,user');
    expect(lines.some((line) => line.includes(",'=cmd|calc,"))).toBe(true);
    expect(lines.some((line) => line.includes(',=cmd'))).toBe(false);
  });

  it("is nobody else's, and refuses what it does not know", async () => {
    const foreign = await gateway.get(`/v2/usage/export?account=${caller.account}`);
    expect(foreign.status).toBe(403);
    expect((await get('/v2/usage/export?format=xml')).status).toBe(400);
    expect((await fetch(`${gateway.url}/v2/usage/export`)).status).toBe(401);
  });
});

describe('an order to erase', () => {
  it('must say whom, and be about the own account', async () => {
    expect((await erase('')).status).toBe(400);
    expect((await erase('?user=')).status).toBe(400);
    expect((await erase(`?account=${caller.account}`, API_KEY)).status).toBe(403);
  });

  it('takes the end user out of events, sums and cache; the money stays, and others stay as they are', async () => {
    const before = await bodyOf(await get('/v2/usage?groupBy=user'));
    const ordered = await erase('?user=ada@example.com');
    const receipt = await bodyOf(ordered);
    expect([ordered.status, receipt.state]).toEqual([202, 'under way']);
    // From this moment on nobody is shown whose they were.
    expect((await bodyOf(await get('/v2/usage/export?user=ada@example.com'))).requests).toEqual([]);
    expect(JSON.stringify(await bodyOf(await get('/v2/usage/requests')))).not.toContain('ada@example.com');
    expect((await bodyOf(await get('/v2/usage/requests?user=ada@example.com'))).data).toEqual([]);
    expect(JSON.stringify(await bodyOf(await get('/v2/usage?groupBy=user')))).not.toContain('ada@example.com');
    const progress = await eventually(async () => {
      const now = await bodyOf(await get(receipt.receipt));
      return now.requests === 2 ? now : undefined;
    });
    expect(progress).toMatchObject({ user: 'ada@example.com', requests: 2, keptAnswers: 2 });
    const after = await bodyOf(await get('/v2/usage?groupBy=user'));
    expect(after.totals.costMicroDollars).toBe(before.totals.costMicroDollars);
    expect(after.groups.map(({ name }: { name: string }) => name)).toEqual(['=cmd|calc']);
    expect((await ask('Why is the sky blue?', 'bob')).headers.get('x-headgate-cache')).toBe('miss');
    for (const table of ['usage', 'responses', 'traffic'] as const) {
      const { Items = [] } = await gateway.database.send(new ScanCommand({ TableName: localTableName(table) }));
      // The receipt says whom it is about.
      const rest = Items.filter(({ pk }) => !String(pk).startsWith('erasures'));
      expect(JSON.stringify(rest)).not.toContain('ada@example.com');
    }
  });

  it('twice is once', async () => {
    const again = await bodyOf(await erase('?user=ada@example.com'));
    const progress = await bodyOf(await get(again.receipt));
    expect(progress.requests).toBe(0);
  });
});
