import { text } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { TABLES, type TableName } from '../../lambda/store/tables.ts';
import { localTableName } from '../../local/dynamo.ts';
import { bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { textOf } from './item-text.ts';
import { chunk, close, sse, whole } from './scripted-provider.ts';

const PROMPT = 'canary-of-the-prompt';
const ANSWER = 'canary-of-the-answer';
const PROVIDER_KEY = 'sk-canary-of-the-provider-key-0123456789';
const ERROR = 'canary-of-the-error-body';

it('prompts, answers, keys and what providers say in errors stay out of logs, and of tables that need not have them', async () => {
  let calls = 0;
  let isHealthy = false;
  const provider = await startProvider(async (request, response) => {
    const isStream = (await text(request)).includes('"stream":true');
    calls += 1;
    const fails = !isHealthy && calls % 3 === 0;
    const error = JSON.stringify({ error: { message: `${ERROR} for ${PROVIDER_KEY}`, type: 'server_error' } });
    if (isStream && !fails) {
      const events = [chunk({ content: ANSWER }), chunk({}, 'stop'), '[DONE]'];
      response.writeHead(200, sse).end(events.map((data) => `data: ${data}\n\n`).join(''));
      return;
    }
    response
      .writeHead(fails ? (calls % 2 === 0 ? 500 : 400) : 200, { 'content-type': 'application/json' })
      .end(fails ? error : whole({ content: ANSWER }));
  });
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    isResilient: true,
    overrides: { caching: { isOn: true }, deduplication: { isOn: true } },
    environment: { OPENAI_API_KEY: PROVIDER_KEY },
  });
  close.push(gateway.close, provider.close);
  const callerKey = 'hg_key-of-the-tests';
  const body = (index: number) => ({
    model: 'openai/gpt-4o-mini',
    messages: [{ role: 'user', content: `${PROMPT} ${index}` }],
    stream: index % 4 === 3,
  });
  const paths = ['/v1/chat/completions', '/v2/chat'];
  await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      const headers: Record<string, string> = index % 5 === 0 ? { 'idempotency-key': `key-${index}` } : {};
      const asked = gateway.post(paths[index % 2] as string, body(index - (index % 3)), {
        'x-headgate-timeout-ms': '4000',
        ...headers,
      });
      await (await asked).text();
    }),
  );
  await (await gateway.post('/v1/chat/completions', `{"messages": "${PROMPT}`)).text();
  isHealthy = true;
  const job = await bodyOf(await gateway.post('/v2/jobs', { ...body(0), stream: false }));
  await eventually(async () =>
    ['succeeded', 'failed'].includes((await bodyOf(await gateway.get(`/v2/jobs/${job.id}`))).state) ? true : undefined,
  );
  expect(gateway.log.length).toBeGreaterThan(25);

  const log = gateway.log.join('\n');
  for (const canary of [PROMPT, ANSWER, PROVIDER_KEY, ERROR, callerKey]) expect(log).not.toContain(canary);

  const allowed: Partial<Record<TableName, (pk: string) => boolean>> = {
    // Plans that went on in a state machine, and jobs, need request and answer: until minutes, or a week, after their end.
    traffic: (pk) => pk.startsWith('run#'),
    usage: (pk) => pk.startsWith('run#'),
  };
  for (const table of Object.keys(TABLES) as TableName[]) {
    const { Items = [] } = await gateway.database.send(new ScanCommand({ TableName: localTableName(table) }));
    const rest = Items.filter(({ pk }) => !allowed[table]?.(String(pk)));
    const texts = textOf(rest);
    for (const secret of [PROVIDER_KEY, callerKey]) expect(textOf(Items), table).not.toContain(secret);
    for (const canary of [PROMPT, ERROR]) expect(texts, table).not.toContain(canary);
    if (table !== 'responses') expect(texts, table).not.toContain(ANSWER);
  }
});
