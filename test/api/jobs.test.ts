import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bodyOf,
  eventually,
  type GatewayUnderTest,
  startGatewayUnderTest,
  startProvider,
} from './gateway-under-test.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

const words = { role: 'assistant', content: 'At last.' };
const good = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  choices: [{ index: 0, message: words, finish_reason: 'stop' }],
});

/** A gateway whose provider fails so many times, then answers; how often it was asked. */
async function start(failures: number, sent: { url: string; headers: Record<string, string>; body: string }[] = []) {
  let asked = 0;
  const provider = await startProvider((_request, response) => {
    asked += 1;
    if (asked <= failures) response.writeHead(503).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(good);
  });
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    overrides: { retry: { attempts: 3, firstBackoffMs: 1, maximumBackoffMs: 2 } },
    sendWebhook: async (url, headers, body) => void sent.push({ url: url.href, headers, body }),
  });
  close.push(gateway.close, provider.close);
  return { gateway, asked: () => asked };
}

const job = (more: object = {}) => ({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...more });

const ended = (gateway: GatewayUnderTest, id: string, headers: Record<string, string> = {}) =>
  eventually(async () => {
    const body = await bodyOf(await gateway.get(`/v2/jobs/${id}`, headers));
    return ['succeeded', 'failed'].includes(body.state) ? body : undefined;
  });

describe('a job', () => {
  it('is accepted at once, runs its plan, and is settled once', async () => {
    const { gateway, asked } = await start(1);
    const created = await gateway.post('/v2/jobs', job({ deadline: 60 }));
    expect(created.status).toBe(202);
    const { id, state, deadline, createdAt } = await bodyOf(created);
    expect(created.headers.get('location')).toBe(`/v2/jobs/${id}`);
    expect({ state, seconds: (Date.parse(deadline) - Date.parse(createdAt)) / 1_000 }).toEqual({
      state: 'queued',
      seconds: 60,
    });
    const body = await ended(gateway, id);
    expect(body).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      answer: { content: 'At last.', model: 'openai/gpt-4o', cached: false, attempts: 2, requestId: id },
    });
    expect(body.attemptLog.map(({ error }: { error?: string }) => error)).toEqual(['provider_overloaded', undefined]);
    expect(asked()).toBe(2);
    expect(await gateway.events()).toMatchObject([
      { requestId: id, outcome: 'answered', attempts: 2, costMicroDollars: expect.any(Number) },
    ]);
    const told = gateway.log.map((line) => JSON.parse(line)).filter(({ route }) => route === 'POST /v2/jobs');
    expect(told.map(({ status, event }) => [status, event?.outcome])).toEqual([
      [202, undefined],
      [200, 'answered'],
    ]);
  });

  it('that no model answers before its deadline fails, and says why', async () => {
    const { gateway } = await start(1_000);
    const { id } = await bodyOf(await gateway.post('/v2/jobs', job({ deadline: 10 })));
    expect(await ended(gateway, id)).toMatchObject({
      state: 'failed',
      error: { code: 'provider_overloaded' },
      attempts: 3,
    });
    expect(await gateway.events()).toMatchObject([{ outcome: 'failed', costMicroDollars: 0 }]);
  });

  it('waits for what passes with time, and ends at once for what does not', async () => {
    const { gateway } = await start(0);
    const poor = await gateway.newCaller({ budgets: { dayDollars: 0 } });
    const headers = { authorization: `Bearer ${poor.key}` };
    const waiting = await bodyOf(await gateway.post('/v2/jobs', job({ deadline: 600, fallbacks: [] }), headers));
    const body = await eventually(async () => {
      const found = await bodyOf(await gateway.get(`/v2/jobs/${waiting.id}`, headers));
      return found.attemptLog.length > 0 ? found : undefined;
    });
    expect(body).toMatchObject({ state: 'running', attempts: 0, attemptLog: [{ error: 'budget_exhausted' }] });

    const provider = await startProvider((_request, response) => response.writeHead(400).end('{}'));
    const refusing = await startGatewayUnderTest({ provider: provider.url });
    close.push(refusing.close, provider.close);
    const { id } = await bodyOf(await refusing.post('/v2/jobs', job({ deadline: 600 })));
    expect(await ended(refusing, id)).toMatchObject({ state: 'failed', error: { code: 'provider_rejected' } });
  });

  it('is seen by its own account only', async () => {
    const { gateway } = await start(0);
    const { id } = await bodyOf(await gateway.post('/v2/jobs', job()));
    const other = await gateway.newCaller({});
    expect((await gateway.get(`/v2/jobs/${id}`, { authorization: `Bearer ${other.key}` })).status).toBe(404);
    expect((await gateway.get('/v2/jobs/not-an-id')).status).toBe(404);
    await ended(gateway, id);
  });

  it.each([
    [{ deadline: 0 }, 'deadline'],
    [{ deadline: 86_401 }, 'deadline'],
    [{ stream: true }, 'stream'],
    [{ webhook: 'http://hooks.example.com/' }, 'webhook'],
    [{ webhook: 'https://elsewhere.example.com/' }, 'webhook'],
    [{ webhook: 'https://user:secret@hooks.example.com/' }, 'webhook'],
    [{ messages: [] }, 'messages'],
  ])('is refused with %j', async (more, param) => {
    const { gateway } = await start(0);
    const response = await gateway.post('/v2/jobs', job(more));
    expect([response.status, (await bodyOf(response)).error.param]).toEqual([400, param]);
  });

  it('tells its webhook, signed, at a registered host', async () => {
    const sent: { url: string; headers: Record<string, string>; body: string }[] = [];
    const { gateway } = await start(0, sent);
    const { account, key } = await gateway.newCaller({ webhookHosts: ['hooks.example.com'] });
    const headers = { authorization: `Bearer ${key}` };
    const wanted = job({ webhook: 'https://hooks.example.com/done?x=1' });
    expect((await gateway.post('/v2/jobs', wanted, headers)).status).toBe(400);
    const { webhookSecret } = await bodyOf(
      await gateway.asAdmin('POST', `/v2/admin/accounts/${account}/webhook-secret`),
    );
    // The account's terms reach its keys within four seconds.
    const { id } = await eventually(async () => {
      const response = await gateway.post('/v2/jobs', wanted, headers);
      return response.status === 202 ? bodyOf(response) : undefined;
    });
    const [news] = await eventually(() => (sent.length > 0 ? sent : undefined));
    expect(news?.url).toBe('https://hooks.example.com/done?x=1');
    expect(JSON.parse(news?.body ?? '')).toMatchObject({ type: 'job.succeeded', data: { id, state: 'succeeded' } });
    const {
      'webhook-id': webhookId,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    } = news?.headers ?? {};
    const secret = Buffer.from(webhookSecret.replace('whsec_', ''), 'base64');
    const expected = createHmac('sha256', secret).update(`${webhookId}.${timestamp}.${news?.body}`).digest('base64');
    expect([webhookId, signature]).toEqual([id, `v1,${expected}`]);
  });
});

describe('a request with an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-1' };

  it('is one job, however often it is sent', async () => {
    const { gateway, asked } = await start(0);
    const first = await gateway.post('/v2/jobs', job(), key);
    const again = await gateway.post('/v2/jobs', job(), key);
    expect(again.status).toBe(202);
    expect(await again.text()).toBe(await first.text());
    expect(again.headers.get('x-headgate-idempotent-replay')).toBe('true');
    await eventually(async () => ((await gateway.events()).length === 1 ? true : undefined));
    expect(asked()).toBe(1);
  });

  it('gets the same answer, whole or as a stream, and costs one call', async () => {
    const { gateway, asked } = await start(0);
    const chat = { ...job(), max_tokens: 5 };
    const [first, again] = [
      await gateway.post('/v1/chat/completions', chat, key),
      await gateway.post('/v1/chat/completions', chat, key),
    ];
    expect(await again.text()).toBe(await first.text());
    expect(again.headers.get('x-headgate-request-id')).toBe(first.headers.get('x-headgate-request-id'));
    expect(asked()).toBe(1);
    const other = await gateway.post('/v1/chat/completions', { ...chat, max_tokens: 6 }, key);
    expect([other.status, (await bodyOf(other)).error.code]).toEqual([409, 'conflict']);
    // A refusal is an event too, as any other.
    expect((await gateway.events()).map(({ outcome }) => outcome).toSorted()).toEqual(['answered', 'rejected']);
    const stranger = await gateway.newCaller({});
    const theirs = await gateway.post('/v1/chat/completions', chat, {
      ...key,
      authorization: `Bearer ${stranger.key}`,
    });
    expect([theirs.status, theirs.headers.get('x-headgate-idempotent-replay')]).toEqual([200, null]);
  });

  it('is replayed as the stream it was', async () => {
    const simulated = await startGatewayUnderTest();
    close.push(simulated.close);
    const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Grüße' }], stream: true };
    const texts = [];
    for (let time = 0; time < 2; time++)
      texts.push(await (await simulated.post('/v1/chat/completions', chat, key)).text());
    expect(texts[1]).toBe(texts[0]);
    expect(texts[0]).toContain('Grüße');
    expect(texts[0]?.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(await simulated.events()).toHaveLength(1);
  });

  it('may be tried again after a failure, and not while it is under way', async () => {
    const simulated = await startGatewayUnderTest({ firstTokenMs: 300 });
    close.push(simulated.close);
    const ask = (content: string) =>
      simulated.post(
        '/v2/chat',
        { model: 'openai/gpt-4o', messages: [{ role: 'user', content }] },
        { 'idempotency-key': content },
      );
    expect((await ask('simulate:status=400')).status).toBe(400);
    expect((await ask('simulate:status=400')).headers.get('x-headgate-idempotent-replay')).toBe(null);
    const [first, second] = await Promise.all([
      ask('hi'),
      new Promise((resolve) => setTimeout(resolve, 50)).then(() => ask('hi')),
    ]);
    expect([first?.status, second?.status, second?.headers.get('retry-after')]).toEqual([200, 409, '1']);
  });
});
