import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigurationOverrides } from '../../lambda/core/configuration.ts';
import { localTableName } from '../../local/dynamo.ts';
import { bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

const QUICK = { attempts: 2, firstBackoffMs: 1, maximumBackoffMs: 2 };

async function start(overrides: ConfigurationOverrides = {}, more: Parameters<typeof startGatewayUnderTest>[0] = {}) {
  const gateway = await startGatewayUnderTest({
    isResilient: true,
    overrides: { retry: QUICK, ...overrides },
    ...more,
  });
  close.push(gateway.close);
  const chat = (content: string | object[], headers: Record<string, string> = {}, fields: object = {}) =>
    gateway.post(
      '/v1/chat/completions',
      {
        model: 'openai/gpt-4o',
        messages: typeof content === 'string' ? [{ role: 'user', content }] : content,
        ...fields,
      },
      headers,
    );
  return { gateway, chat };
}
const modelOf = (response: Response) => response.headers.get('x-headgate-model');

describe('a chain of fallbacks', () => {
  it('comes from the configuration, and ledger and observer are told of each call', async () => {
    const { gateway, chat } = await start({ chains: { 'openai/gpt-4o': ['openai/gpt-4.1', 'groq/gpt-oss-120b'] } });
    for (const stream of [false, true]) {
      const response = await chat('simulate:status=500@gpt-4o', {}, { stream });
      await response.text();
      expect(modelOf(response)).toBe('openai/gpt-4.1');
      expect(await gateway.eventOf(response)).toMatchObject({
        model: 'openai/gpt-4.1',
        outcome: 'answered',
        attempts: 3,
        attemptLog: [
          { model: 'openai/gpt-4o', error: 'provider_failed' },
          { model: 'openai/gpt-4o', error: 'provider_failed' },
          { model: 'openai/gpt-4.1' },
        ],
      });
      const requestId = response.headers.get('x-headgate-request-id');
      expect(gateway.calls.filter((call) => call.requestId === requestId)).toMatchObject([
        { provider: 'openai', model: 'openai/gpt-4o', isStream: stream, errorCode: 'provider_failed' },
        { provider: 'openai', model: 'openai/gpt-4o', isStream: stream, errorCode: 'provider_failed' },
        {
          model: 'openai/gpt-4.1',
          isStream: stream,
          finishReason: 'stop',
          usage: { textOutputTokens: expect.any(Number) },
        },
      ]);
    }
  });

  it("is the caller's own where there is one, and empty where the caller says so", async () => {
    const { chat } = await start({ chains: { 'openai/gpt-4o': ['openai/gpt-4.1'] } });
    const fault = 'simulate:status=500@gpt-4o';
    expect(modelOf(await chat(fault, { 'x-headgate-fallbacks': 'groq/gpt-oss-20b' }))).toBe('groq/gpt-oss-20b');
    expect((await chat(fault, { 'x-headgate-fallbacks': '' })).status).toBe(502);
  });

  it('goes past the rest of a provider that refuses our key, and tells the operator', async () => {
    const { gateway, chat } = await start();
    const fallbacks = { 'x-headgate-fallbacks': 'openai/gpt-4.1,groq/gpt-oss-20b' };
    const response = await chat('simulate:status=401@gpt-4o', fallbacks);
    expect([response.status, modelOf(response)]).toEqual([200, 'groq/gpt-oss-20b']);
    expect(response.headers.get('x-headgate-attempts')).toBe('2');
    expect(gateway.log).toContain('key refused openai');
  });

  it('passes providers without a key by, without a call, and says what the last call said', async () => {
    const provider = await startProvider((_request, response) => response.writeHead(503).end());
    close.push(provider.close);
    const { chat } = await start({}, { provider: provider.url });
    const response = await chat('hi', { 'x-headgate-fallbacks': 'anthropic/claude-sonnet-5,groq/gpt-oss-20b' });
    expect([response.status, (await bodyOf(response)).error.code]).toEqual([503, 'provider_overloaded']);
    expect(response.headers.get('x-headgate-attempts')).toBe('2');
  });

  it('passes models by that cannot be called, on the spot and without a state machine', async () => {
    const { gateway, chat } = await start();
    const { key } = await gateway.newCaller({ budgets: { dayDollars: 0.01, hardStopPercent: 100 } });
    const fallbacks = { authorization: `Bearer ${key}`, 'x-headgate-fallbacks': 'groq/gpt-oss-20b' };
    const response = await chat('hi', fallbacks, { max_tokens: 5_000 });
    const { Items = [] } = await gateway.database.send(new ScanCommand({ TableName: localTableName('traffic') }));
    expect(modelOf(response)).toBe('groq/gpt-oss-20b');
    expect(Items.filter(({ pk }) => String(pk).startsWith('run#'))).toEqual([]);
  });

  it('leads to a model that fits the budget', async () => {
    const { gateway, chat } = await start();
    const { key } = await gateway.newCaller({ budgets: { dayDollars: 0.01, hardStopPercent: 100 } });
    const response = await chat(
      'hi',
      { authorization: `Bearer ${key}`, 'x-headgate-fallbacks': 'groq/gpt-oss-20b' },
      { max_tokens: 5_000 },
    );
    expect([response.status, modelOf(response)]).toEqual([200, 'groq/gpt-oss-20b']);
    expect(response.headers.get('x-headgate-attempts')).toBe('1');
  });

  it("is left at once for the caller's own mistakes", async () => {
    const { chat } = await start();
    for (const status of [400, 413, 422]) {
      const response = await chat(`simulate:status=${status}@gpt-4o`, { 'x-headgate-fallbacks': 'groq/gpt-oss-20b' });
      expect([response.status, response.headers.get('x-headgate-attempts')]).toEqual([status, '1']);
    }
  });

  it('refuses a header that makes no sense', async () => {
    const { chat } = await start();
    expect((await chat('hi', { 'x-headgate-stream': 'later' })).status).toBe(400);
    expect((await chat('hi', { 'x-headgate-fallbacks': 'no/model' })).status).toBe(404);
  });

  it('stops the provider within a second when the caller hangs up, also behind a state machine', async () => {
    let stoppedAfterMs = -1;
    const provider = await startProvider((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        const { model } = JSON.parse(body);
        if (model === 'gpt-4o') {
          response.writeHead(500).end();
          return;
        }
        const startedAt = performance.now();
        response.once('close', () => {
          stoppedAfterMs = performance.now() - startedAt;
        });
      });
    });
    close.push(provider.close);
    const { gateway } = await start({}, { provider: provider.url });
    const aborter = new AbortController();
    const hung = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer hg_key-of-the-tests',
        'content-type': 'application/json',
        'x-headgate-fallbacks': 'gpt-4.1',
      },
      body: JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hi' }] }),
      signal: aborter.signal,
    }).catch(() => {});
    setTimeout(() => aborter.abort(), 2_500);
    await hung;
    await eventually(() => (stoppedAfterMs >= 0 ? true : undefined));
    expect(stoppedAfterMs).toBeLessThan(3_500);
    const [event] = await eventually(async () => {
      const events = await gateway.events();
      return events.length > 0 ? events : undefined;
    });
    expect(event).toMatchObject({ outcome: 'client_closed' });
  });
});

describe('GET /v2/usage/requests/{id}', () => {
  it('shows every step of a request to its account, and to admins', async () => {
    const { gateway, chat } = await start();
    const response = await chat('simulate:status=500@gpt-4o', { 'x-headgate-fallbacks': 'groq/gpt-oss-20b' });
    const path = `/v2/usage/requests/${response.headers.get('x-headgate-request-id')}`;
    const event = await bodyOf(await gateway.get(path));
    expect(event).toMatchObject({ account: 'local', attempts: 3, attemptLog: [{}, {}, { model: 'groq/gpt-oss-20b' }] });
    expect(await bodyOf(await gateway.asAdmin('GET', `${path}?account=local`))).toEqual(event);
    const stranger = await gateway.newCaller({});
    const statusOf = async (place: string, key: string) =>
      (await gateway.get(place, { authorization: `Bearer ${key}` })).status;
    expect(await statusOf(path, stranger.key)).toBe(404);
    expect(await statusOf(`${path}?account=local`, stranger.key)).toBe(403);
    expect(await statusOf('/v2/usage/requests/none', 'hg_key-of-the-tests')).toBe(404);
  });
});

describe('a conversation that another model has taken over', () => {
  it('stays with it while that answers, and the next one begins with the model asked for', async () => {
    const { chat } = await start({ chains: { 'openai/gpt-4o': ['openai/gpt-4.1'] } });
    const first = { role: 'user', content: 'Let us talk. simulate:status=500@gpt-4o' };
    expect(modelOf(await chat([first]))).toBe('openai/gpt-4.1');
    const second = [first, { role: 'assistant', content: 'Yes.' }, { role: 'user', content: 'Good.' }];
    const response = await chat(second);
    expect([modelOf(response), response.headers.get('x-headgate-attempts')]).toEqual(['openai/gpt-4.1', '1']);
    const other = [{ role: 'user', content: 'Hello' }, ...second.slice(1)];
    expect(modelOf(await chat(other))).toBe('openai/gpt-4o');
  });
});
