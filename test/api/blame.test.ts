import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { chunk, sse, whole } from './scripted-provider.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

type Answer = (response: ServerResponse, body: { model: string }, call: number) => void;

async function start(answer: Answer, retry: object = { attempts: 1 }) {
  const arrivals: number[] = [];
  const provider = await startProvider((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      arrivals.push(performance.now());
      answer(response, JSON.parse(text), arrivals.length);
    });
  });
  const gateway = await startGatewayUnderTest({ isResilient: true, provider: provider.url, overrides: { retry } });
  close.push(gateway.close, provider.close);
  const ask = (headers: Record<string, string> = {}, more: object = {}) =>
    gateway.post(
      '/v1/chat/completions',
      { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...more },
      { 'x-headgate-fallbacks': 'openai/gpt-4.1', ...headers },
    );
  const circuit = async () =>
    (await bodyOf(await gateway.asAdmin('GET', '/v2/health'))).models['openai/gpt-4o'].circuit;
  return { gateway, ask, circuit, arrivals };
}

const json = (response: ServerResponse, text: string) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(text);
const good = (response: ServerResponse) => json(response, whole({ content: 'x' }));

describe('a provider is not to blame', () => {
  it('for a caller who has no time: nobody else loses the model by that', async () => {
    const { ask, circuit, gateway } = await start((response) => void setTimeout(() => good(response), 800));
    for (const stream of [false, true]) {
      const hurried = Array.from({ length: 6 }, () => ask({ 'x-headgate-timeout-ms': '300' }, { stream }));
      for (const response of await Promise.all(hurried)) expect(response.status).toBe(504);
    }
    expect(await circuit()).toBe('closed');
    const patient = await ask();
    expect([patient.status, patient.headers.get('x-headgate-model')]).toEqual([200, 'openai/gpt-4o']);
    expect(gateway.log.some((line) => line.startsWith('circuit'))).toBe(false);
  });

  it('for a held stream that is still on its way when the time is up', async () => {
    const { ask, circuit } = await start((response) => {
      response.writeHead(200, sse);
      const timer = setInterval(() => response.write(`data: ${chunk({ content: 'word ' })}\n\n`), 20);
      response.once('close', () => clearInterval(timer));
    });
    const headers = { 'x-headgate-stream': 'held', 'x-headgate-timeout-ms': '700' };
    await Promise.all(Array.from({ length: 6 }, () => ask(headers, { stream: true })));
    expect(await circuit()).toBe('closed');
  });

  it("for an answer that the caller's stop sequence ended before its first word", async () => {
    const { ask, circuit, arrivals } = await start((response) => json(response, whole({ content: '' })));
    for (let call = 0; call < 6; call++) expect((await ask({}, { stop: ['H'] })).status).toBe(200);
    expect([await circuit(), arrivals.length]).toEqual(['closed', 6]);
    expect((await ask()).status).toBe(502);
  });

  it('before it is called: what a model cannot do closes no circuit', async () => {
    const gateway = await startGatewayUnderTest({ isResilient: true, overrides: { retry: { attempts: 1 } } });
    close.push(gateway.close);
    const ask = (content: string, more: object = {}) =>
      gateway.post(
        '/v1/chat/completions',
        { model: 'anthropic/claude-sonnet-5', messages: [{ role: 'user', content }], ...more },
        { 'x-headgate-fallbacks': '' },
      );
    for (let call = 0; call < 5; call++) await ask('simulate:status=500');
    await new Promise((resolve) => setTimeout(resolve, 5_300));
    const refused = await ask('hi', { n: 2 });
    expect([refused.status, refused.headers.get('x-headgate-attempts')]).toEqual([400, '0']);
    const { models } = await bodyOf(await gateway.asAdmin('GET', '/v2/health'));
    expect(models['anthropic/claude-sonnet-5'].circuit).not.toBe('closed');
  });
});

describe('a probe', () => {
  it('is not ended by a caller who hangs up: it belongs to all who wait for the model', async () => {
    let isDown = true;
    const { gateway, ask, circuit } = await start((response) => {
      if (isDown) response.writeHead(503).end();
      else setTimeout(() => good(response), 1_500);
    });
    for (let call = 0; call < 5; call++) await ask({ 'x-headgate-fallbacks': '' });
    expect(await circuit()).not.toBe('closed');
    isDown = false;
    const impatient = async () => {
      const signal = AbortSignal.timeout(150);
      const headers = { authorization: 'Bearer hg_key-of-the-tests', 'x-headgate-fallbacks': '' };
      const body = JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hi' }] });
      await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body, signal }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const giveUpAt = performance.now() + 20_000;
    while ((await circuit()) !== 'closed' && performance.now() < giveUpAt) await impatient();
    expect(await circuit()).toBe('closed');
  });
});

describe('the ledger has no cost', () => {
  it("for a provider's own timeout, or for a caller who leaves while nobody is at work", async () => {
    const { gateway, ask } = await start((response) => void response.writeHead(504).end());
    const refused = await ask({ 'x-headgate-fallbacks': '' });
    expect(refused.status).toBe(504);
    expect(await gateway.eventOf(refused)).toMatchObject({ costMicroDollars: 0, attempts: 1 });

    const waiting = await start((response) => void response.writeHead(503).end(), { attempts: 3 });
    const aborter = new AbortController();
    const left = fetch(`${waiting.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer hg_key-of-the-tests', 'x-headgate-fallbacks': '' },
      body: JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hi' }] }),
      signal: aborter.signal,
    }).catch(() => {});
    await eventually(() => (waiting.arrivals.length > 0 ? true : undefined));
    setTimeout(() => aborter.abort(), 300);
    await left;
    const [event] = await eventually(async () => {
      const events = await waiting.gateway.events();
      return events.length > 0 ? events : undefined;
    });
    expect(event).toMatchObject({ outcome: 'client_closed', costMicroDollars: 0, attempts: 1 });
  });
});

describe('what the caller is told when nobody answers', () => {
  it.each([400, 404, 401])("is the provider's trouble, not a fallback's %i", async (status) => {
    const { ask } = await start((response, { model }) => {
      response.writeHead(model === 'gpt-4o' ? 503 : status).end();
    });
    const response = await ask();
    expect([response.status, (await bodyOf(response)).error.code]).toEqual([503, 'provider_overloaded']);
  });

  it('never has a key in it, not even as the name of a field', async () => {
    const error = { message: 'No.', type: 'x', code: null, param: 'sk_live_abcdefghijklmnop' };
    const { ask } = await start((response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    expect(JSON.stringify(await bodyOf(await ask()))).not.toContain('abcdefgh');
  });
});

it('spreads the retries of callers who failed together', async () => {
  // Fewer than open a circuit.
  const { ask, arrivals } = await start(
    (response, _body, call) => (call <= 4 ? void response.writeHead(429).end() : good(response)),
    { attempts: 2 },
  );
  await Promise.all(Array.from({ length: 4 }, () => ask({ 'x-headgate-fallbacks': '' })));
  const [first = 0, , , fourth = 0, ...retries] = arrivals;
  expect(retries).toHaveLength(4);
  for (const at of retries) expect(at - first).toBeGreaterThan(1_000);
  const waits = retries.map((at) => at - fourth).sort((a, b) => a - b);
  expect((waits.at(-1) ?? 0) - (waits[0] ?? 0)).toBeGreaterThan(30);
});
