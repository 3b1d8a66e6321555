import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it, vi } from 'vitest';
import { caching } from '../../config/caching.ts';
import { TABLES, type TableName } from '../../lambda/store/tables.ts';
import { localTableName } from '../../local/dynamo.ts';
import {
  bodyOf,
  eventually,
  type GatewayUnderTest,
  startGatewayUnderTest,
  startProvider,
} from './gateway-under-test.ts';
import { textOf } from './item-text.ts';
import { chunk, close, sse, whole } from './scripted-provider.ts';

const PROMPT = 'canary-of-the-prompt';
const ANSWER = 'canary-of-the-answer';
const PROVIDER_KEY = 'sk-canary-of-the-provider-key-0123456789';
const ERROR = 'canary-of-the-error-body';
const IDEMPOTENCY_KEY = 'canary-of-the-idempotency-key';
const WEBHOOK = 'canary-of-the-webhook';

/** A provider that fails every third time, and says in its errors all that it was told. */
async function startTelling() {
  let calls = 0;
  let isHealthy = false;
  const provider = await startProvider(async (request, response) => {
    const body = await text(request);
    calls += 1;
    const fails = !isHealthy && calls % 3 === 0;
    const message = `${ERROR} for ${request.headers.authorization}: ${body}`;
    if (body.includes('"stream":true') && !fails) {
      const events = [chunk({ content: ANSWER }), chunk({}, 'stop'), '[DONE]'];
      response.writeHead(200, sse).end(events.map((data) => `data: ${data}\n\n`).join(''));
      return;
    }
    response
      .writeHead(fails ? (calls % 2 === 0 ? 500 : 400) : 200, { 'content-type': 'application/json' })
      .end(fails ? JSON.stringify({ error: { message, type: 'server_error' } }) : whole({ content: ANSWER }));
  });
  const recover = () => {
    isHealthy = true;
  };
  return { ...provider, recover };
}

/** The deployed observer, and all that it writes and sends: log lines, metrics, spans. */
async function startObserving() {
  const written: string[] = [];
  for (const level of ['log', 'info', 'error', 'warn', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void written.push(String(line)));
  }
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  const spans: string[] = [];
  const daemon = createSocket('udp4', (message) => void spans.push(message.toString('utf8')));
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  close.push(async () => {
    daemon.close();
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  const { powertoolsObserver } = await import('../../lambda/powertools-observer.ts');
  const observer = powertoolsObserver('chat', {
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  });
  return { observer, written, spans };
}

const body = (index: number) => ({
  model: 'openai/gpt-4o-mini',
  messages: [{ role: 'user', content: `${PROMPT} ${index}` }],
  stream: index % 4 === 3,
});

/** Chats of every kind: whole and streamed, kept, shared, repeated, retried, routed, scored, refused. */
async function chatInAllWays(gateway: GatewayUnderTest): Promise<void> {
  const paths = ['/v1/chat/completions', '/v2/chat'];
  const ask = async (index: number, asked: object, headers: Record<string, string>) => {
    const more = { 'x-headgate-timeout-ms': '4000', ...headers };
    await (await gateway.post(paths[index % 2] as string, asked, more)).text();
  };
  await Promise.all(
    Array.from({ length: 24 }, (_, index) =>
      ask(
        index,
        body(index - (index % 3)),
        index % 5 === 0 ? { 'idempotency-key': `${IDEMPOTENCY_KEY}-${index}` } : {},
      ),
    ),
  );
  await (await gateway.post('/v1/chat/completions', `{"messages": "${PROMPT}`)).text();
  const unknown = { authorization: `Bearer hg_${PROMPT}`, 'idempotency-key': IDEMPOTENCY_KEY };
  await (await gateway.post('/v1/chat/completions', body(0), unknown)).text();
  await (await gateway.post('/v1/chat/completions', { ...body(0), model: 'no/such-model' })).text();
}

async function routeAndScore(gateway: GatewayUnderTest): Promise<void> {
  const routed = await gateway.post('/v2/chat', { ...body(0), stream: false, model: 'auto' });
  const { requestId } = await bodyOf(routed);
  expect((await gateway.post('/v2/feedback', { requestId, score: 1 })).status).toBe(200);
  const { messages } = body(1);
  expect((await gateway.post('/v2/route-suggest', { messages })).status).toBe(200);
  for (const time of [1, 2]) {
    const question = `Why do ${PROMPT} leaves turn yellow${time === 1 ? '' : ' now'}?`;
    const asked = { ...body(0), stream: false, messages: [{ role: 'user', content: question }] };
    expect((await gateway.post('/v2/chat', asked, { 'x-headgate-cache': 'semantic' })).status).toBe(200);
  }
}

/** A job with a webhook, asked for twice with the same key. Answers with the secret the webhook is signed with. */
async function runJobs(gateway: GatewayUnderTest, sent: string[]): Promise<string> {
  const { account, key } = await gateway.newCaller({ webhookHosts: ['hooks.example.com'] });
  const made = await gateway.asAdmin('POST', `/v2/admin/accounts/${account}/webhook-secret`);
  const { webhookSecret } = await bodyOf(made);
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': IDEMPOTENCY_KEY };
  const wanted = { ...body(0), stream: false, webhook: `https://hooks.example.com/${WEBHOOK}` };
  const job = await bodyOf(await gateway.post('/v2/jobs', wanted, headers));
  await (await gateway.post('/v2/jobs', wanted, headers)).text();
  await eventually(() => sent.length > 0);
  const view = await bodyOf(await gateway.get(`/v2/jobs/${job.id}`, headers));
  expect(view.state).toBe('succeeded');
  return webhookSecret;
}

it('prompts, answers, keys and what providers say in errors stay out of logs, metrics and spans, and of tables that need not have them', async () => {
  const provider = await startTelling();
  const { observer, written, spans } = await startObserving();
  const sent: string[] = [];
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    isResilient: true,
    observer,
    overrides: {
      caching: { isOn: true, semantic: { ...caching.semantic, isOn: true, timeLimitMs: 20_000 } },
      deduplication: { isOn: true },
    },
    environment: { OPENAI_API_KEY: PROVIDER_KEY },
    sendWebhook: async (_url, _headers, told) => void sent.push(told),
  });
  close.push(gateway.close, provider.close);
  await chatInAllWays(gateway);
  provider.recover();
  // Circuits that opened meanwhile let a probe through.
  await eventually(async () => (await gateway.post('/v2/chat', body(0))).ok);
  await routeAndScore(gateway);
  const webhookSecret = await runJobs(gateway, sent);
  expect(sent.join()).toContain(ANSWER);

  const shown = [];
  for (const path of [
    '/v2/usage',
    '/v2/usage/requests',
    '/v2/usage/export',
    '/v2/usage/export?format=csv',
    '/v2/cache',
  ]) {
    shown.push(await (await gateway.get(path)).text());
  }
  shown.push(await (await gateway.asAdmin('GET', '/v2/health')).text());
  expect(gateway.log.length).toBeGreaterThan(35);
  expect(written.length).toBeGreaterThan(70);
  expect(written.join()).toContain('CloudWatchMetrics');
  await eventually(() => spans.length >= gateway.calls.length);
  expect(spans.length).toBeGreaterThan(10);

  const keys = [PROVIDER_KEY, 'hg_key-of-the-tests', IDEMPOTENCY_KEY, webhookSecret];
  for (const [name, sink] of Object.entries({ log: gateway.log, written, spans, shown })) {
    for (const canary of [PROMPT, ANSWER, ERROR, WEBHOOK, ...keys]) {
      expect(sink.join('\n'), name).not.toContain(canary);
    }
  }

  for (const table of Object.keys(TABLES) as TableName[]) {
    const { Items = [] } = await gateway.database.send(new ScanCommand({ TableName: localTableName(table) }));
    // Plans that went on in a state machine, and jobs, need request and answer: until minutes, or a week, after their end.
    const isRun = ({ pk }: Record<string, unknown>) => String(pk).startsWith('run#');
    // Every path was taken: plans elsewhere, jobs, questions in other words.
    const taken = { accounts: 'audit#', usage: 'run#', traffic: 'run#', responses: 'near#' }[table];
    expect(
      Items.some(({ pk }) => String(pk).startsWith(taken)),
      taken,
    ).toBe(true);
    const rest = textOf(Items.filter((item) => !isRun(item) && !String(item.pk).startsWith('near#')));
    const secrets = table === 'accounts' ? keys.slice(0, 3) : keys;
    for (const secret of secrets) expect(textOf(Items), table).not.toContain(secret);
    for (const canary of [PROMPT, ERROR, WEBHOOK]) expect(rest, table).not.toContain(canary);
    if (table !== 'responses') expect(rest, table).not.toContain(ANSWER);
    // What the machines themselves are given, and hand on.
    const steps = textOf(Items.filter((item) => isRun(item) && item.output !== undefined).map(({ output }) => output));
    for (const canary of [PROMPT, ANSWER, ERROR, WEBHOOK, ...keys]) expect(steps, table).not.toContain(canary);
  }
}, 60_000);
