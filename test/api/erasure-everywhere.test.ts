import { text } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { TABLES, type TableName } from '../../lambda/store/tables.ts';
import { localTableName } from '../../local/dynamo.ts';
import { bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { textOf } from './item-text.ts';
import { close, whole } from './scripted-provider.ts';

const ADA = 'ada@example.com';
const SAID = 'said-by-ada';
const today = new Date().toISOString().slice(0, 10);

/** A provider that holds what is to be held until it is let go, fails as it is told, and answers everything else. */
async function startHolding() {
  const held: (() => void)[] = [];
  const provider = await startProvider(async (request, response) => {
    const body = await text(request);
    const answer = () => {
      const isDown = body.includes('nobody answers') || (body.includes('falls back') && body.includes('"gpt-4o"'));
      if (isDown) response.writeHead(503).end();
      else {
        const content = `An answer to ${body.includes(SAID) ? SAID : 'somebody'}.`;
        response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content }));
      }
    };
    if (body.includes('is held')) held.push(answer);
    else answer();
  });
  return { url: provider.url, close: provider.close, held };
}

it('an end user is erased from every store, while calls of theirs and of others go on', async () => {
  const provider = await startHolding();
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    isResilient: true,
    sweepEveryMs: 1_000,
    overrides: {
      caching: { isOn: true },
      retry: { attempts: 1 },
      chains: { 'openai/gpt-4o': ['openai/gpt-4.1'] },
    },
  });
  close.push(gateway.close, provider.close);
  const { account, key } = await gateway.newCaller({ tier: 'master' });
  const headers = { authorization: `Bearer ${key}`, 'x-headgate-tags': 'team-of-ada' };
  const body = (content: string, model = 'openai/gpt-4o', user = ADA) => ({
    model,
    user,
    messages: [{ role: 'user', content: `${user === ADA ? SAID : 'said-by-bob'}: ${content}` }],
  });
  const get = async (path: string) => bodyOf(await gateway.get(path, headers));
  const ask = async (asked: object, more: Record<string, string> = {}) =>
    bodyOf(await gateway.post('/v2/chat', asked, { ...headers, ...more }));
  const jobOf = async (asked: object) => bodyOf(await gateway.post('/v2/jobs', asked, headers));

  // Something of every kind.
  await ask(body('Why is the sky blue?'), { 'idempotency-key': 'order-1' });
  await ask(body('Why is the sea blue, and falls back?'), { 'x-headgate-cache': 'off' });
  const { requestId } = await ask(body('Write a function that sorts dates.', 'auto'));
  expect((await gateway.post('/v2/feedback', { requestId, score: 1 }, headers)).status).toBe(200);
  const ended = await jobOf(body('What is rust?'));
  const waiting = await jobOf({ ...body('A question that nobody answers.', 'openai/gpt-4o-mini'), fallbacks: [] });
  const calling = await jobOf(body('A question that is held.', 'openai/gpt-4o-mini'));
  const bobs = await jobOf(body('What is bark?', 'openai/gpt-4o', 'bob'));
  await ask(body('Why is grass green?', 'openai/gpt-4o', 'bob'), { 'idempotency-key': 'order-2' });
  await eventually(async () => (await get(`/v2/jobs/${ended.id}`)).state === 'succeeded');
  await eventually(async () => (await get(`/v2/jobs/${bobs.id}`)).state === 'succeeded');
  await eventually(async () => (await get(`/v2/jobs/${waiting.id}`)).attemptLog.length > 0);
  await eventually(() => provider.held.length === 1);
  const exported = await get(`/v2/usage/export?user=${ADA}&from=${today}`);
  expect(exported).toMatchObject({
    keptAnswers: [expect.any(String), expect.any(String)],
    idempotentAnswers: [{ user: ADA }],
    conversations: [{ user: ADA }, { user: ADA }],
    scoredRequests: [requestId],
  });
  expect(exported.requests).toHaveLength(4);
  expect(exported.jobs.map(({ id }: { id: string }) => id).toSorted()).toEqual(
    [ended.id, waiting.id, calling.id].toSorted(),
  );
  expect((await get(`/v2/usage/export?from=${today}`)).jobs).toHaveLength(4);
  const order = await bodyOf(await fetch(`${gateway.url}/v2/usage?user=${ADA}`, { method: 'DELETE', headers }));
  const nothing = { keptAnswers: [], jobs: [], idempotentAnswers: [], conversations: [], scoredRequests: [] };
  expect(await get(`/v2/usage/export?user=${ADA}&from=${today}`)).toMatchObject({ requests: [], ...nothing });
  const receipt = await eventually(async () => {
    const now = await get(order.receipt);
    return now.requests > 0 ? now : undefined;
  });
  expect(receipt).toMatchObject({
    ...{ requests: 4, keptAnswers: 2, jobs: 3, idempotentAnswers: 1, conversations: 2, plans: 1, scores: 1 },
    expiring: [expect.objectContaining({ within: 'two minutes' }), expect.anything(), expect.anything()],
  });
  // A call that was under way comes to its end, and leaves nobody's event.
  provider.held[0]?.();
  const event = await eventually(async () =>
    (await gateway.events(account)).find((one) => one.requestId === calling.id),
  );
  expect(event).toMatchObject({ outcome: 'answered', attempts: 1 });
  for (const { id } of [ended, waiting, calling]) {
    expect((await gateway.get(`/v2/jobs/${id}`, headers)).status).toBe(404);
  }
  expect((await get(`/v2/jobs/${bobs.id}`)).state).toBe('succeeded');
  expect((await gateway.post('/v2/feedback', { requestId, score: 1 }, headers)).status).toBe(404);
  const again = await gateway.post('/v2/chat', body('Why is grass green?', 'openai/gpt-4o', 'bob'), {
    ...headers,
    'idempotency-key': 'order-2',
  });
  expect(again.headers.get('x-headgate-idempotent-replay')).toBe('true');
  for (const table of Object.keys(TABLES) as TableName[]) {
    const { Items = [] } = await gateway.database.send(new ScanCommand({ TableName: localTableName(table) }));
    // The receipt keeps the name that was given.
    const rest = textOf(Items.filter(({ pk }) => !String(pk).startsWith('erasures')));
    for (const trace of [ADA, SAID]) expect(rest, table).not.toContain(trace);
    if (table !== 'accounts' && table !== 'traffic') expect(rest, table).toContain('bob');
  }
  expect(await get(`/v2/usage/export?user=${ADA}&from=${today}`)).toMatchObject({ requests: [], ...nothing });
}, 30_000);
