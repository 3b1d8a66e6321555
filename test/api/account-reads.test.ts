import { afterAll, beforeAll, expect, it } from 'vitest';
import { localTableName } from '../../local/dynamo.ts';
import { API_KEY, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

/** The partition keys that were read of the accounts' table. */
const read = new Set<string>();
let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await startGatewayUnderTest({ sweepEveryMs: 3_600_000 });
  for (const client of gateway.databases)
    client.middlewareStack.add(
      (next) => async (args) => {
        const {
          TableName,
          Key,
          ExpressionAttributeValues: values,
        } = args.input as {
          TableName?: string;
          Key?: { pk?: string };
          ExpressionAttributeValues?: { ':pk'?: string };
        };
        if (TableName === localTableName('accounts')) read.add(String(Key?.pk ?? values?.[':pk']).replace(/#.*/, '#'));
        return next(args);
      },
      { step: 'initialize', name: 'noteAccountReads' },
    );
});
afterAll(() => gateway.close());

const headers = { authorization: `Bearer ${API_KEY}` };
const messages = [{ role: 'user', content: 'Hello!' }];

/** lib/grants.ts lets these functions read keys and nothing else of that table: what they ask for must not be refused. */
it('chats, their lists, sums, exports, suggestions, feedback, the cache and health read keys only', async () => {
  const answers = [
    await gateway.post('/v1/chat/completions', { model: 'openai/gpt-4o', messages }, headers),
    await gateway.post(
      '/v2/chat',
      { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'simulate:status=500' }] },
      headers,
    ),
    await gateway.post('/v2/route-suggest', { messages }, headers),
    await gateway.post('/v2/feedback', { requestId: 'none', score: 1 }, headers),
    ...(await Promise.all(
      ['/v1/models', '/v2/usage', '/v2/usage/requests', '/v2/usage/export', '/v2/cache', '/v2/health'].map((path) =>
        gateway.get(path, headers),
      ),
    )),
  ];
  await Promise.all(answers.map((answer) => answer.text()));
  expect(answers.map(({ status }) => status)).not.toContain(401);
  expect([...read]).toEqual(['key#']);
});

it('a job reads its key, and of its account the secret of its webhook', async () => {
  read.clear();
  const { key, account } = await gateway.newCaller({ tier: 'master', webhookHosts: ['example.com'] });
  await gateway.asAdmin('POST', `/v2/admin/accounts/${account}/webhook-secret`);
  read.clear();
  const job = await gateway.post(
    '/v2/jobs',
    { messages, webhook: 'https://example.com/hook' },
    { authorization: `Bearer ${key}` },
  );
  expect(job.status).toBe(202);
  expect([...read].sort()).toEqual(['account#', 'key#']);
});
