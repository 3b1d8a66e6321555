import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, bodyOf, type GatewayUnderTest, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
let provider: { url: string; close(): Promise<void> };
let upstreamCalls = 0;

beforeAll(async () => {
  provider = await startProvider((_request, response) => {
    upstreamCalls += 1;
    response.end();
  });
  gateway = await startGatewayUnderTest({ provider: provider.url });
});
afterAll(async () => {
  expect(upstreamCalls).toBe(0);
  await gateway.close();
  await provider.close();
});

const CANARY = 'canary-7f3a';
const chat = (change: object) => ({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: CANARY }], ...change });
const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

async function expectRefusal(response: Response, status: number, param: string | null, code?: string): Promise<void> {
  const text = await response.text();
  expect({ status: response.status, text }).toMatchObject({ status });
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(response.headers.get('x-headgate-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  const { error } = JSON.parse(text);
  expect(error).toEqual({ message: expect.any(String), type: expect.any(String), code: expect.any(String), param });
  if (code) expect(error.code).toBe(code);
  expect(error.message.length).toBeGreaterThan(20);
  expect(text).not.toContain(CANARY);
}

describe('a body that makes no sense', () => {
  it.each([
    ['nothing', ''],
    ['half an object', '{"model":'],
    ['a BOM', `\uFEFF${JSON.stringify(chat({}))}`],
    ['text', `hello ${CANARY}`],
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '17'],
    ['single quotes', "{'model':'x'}"],
    ['a trailing comma', '{"model":"x",}'],
    ['NaN', '{"temperature":NaN}'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('is refused: %s', async (_name, body) => {
    for (const path of ['/v1/chat/completions', '/v2/chat']) {
      await expectRefusal(await gateway.post(path, body), 400, null, 'invalid_json');
    }
  });

  it.each<[string, object, string | null]>([
    ['no messages', { messages: undefined }, 'messages'],
    ['messages as text', { messages: CANARY }, 'messages'],
    ['an empty list', { messages: [] }, 'messages'],
    ['2,049 messages', { messages: Array.from({ length: 2_049 }, () => ({ role: 'user', content: 'x' })) }, 'messages'],
    ['a message that is text', { messages: [CANARY] }, 'messages[0]'],
    ['an unknown role', { messages: [{ role: CANARY, content: 'x' }] }, 'messages[0].role'],
    ['content that is a number', { messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    ['no content', { messages: [{ role: 'user' }] }, 'messages[0].content'],
    ['parts without a type', { messages: [{ role: 'user', content: [{ text: CANARY }] }] }, 'messages[0].content'],
    ['a model that is a number', { model: 5 }, 'model'],
    ['stream as text', { stream: 'yes' }, 'stream'],
    ['depth over 64', { messages: [{ role: 'user', content: 'x', extra: nested(65) }] }, null],
  ])('is refused: %s', async (_name, change, param) => {
    for (const path of ['/v1/chat/completions', '/v2/chat']) {
      await expectRefusal(await gateway.post(path, chat(change)), 400, param, 'invalid_request');
    }
  });

  it.each<[string, object, string]>([
    ['a billion choices', { n: 1e9 }, 'n'],
    ['a trillion tokens', { max_tokens: 1e12 }, 'max_tokens'],
    ['half a token', { max_completion_tokens: 0.5 }, 'max_completion_tokens'],
    ['a hot temperature', { temperature: 3 }, 'temperature'],
    ['tools as an object', { tools: {} }, 'tools'],
    ['stream_options as text', { stream_options: 'usage' }, 'stream_options'],
  ])('is refused by /v1/chat/completions: %s', async (_name, change, param) => {
    await expectRefusal(await gateway.post('/v1/chat/completions', chat(change)), 400, param);
  });

  it.each<[string, object, string]>([
    ['a misspelt field', { maxtokens: 5 }, 'body'],
    ['a negative ceiling', { maxCostPer1MTokens: -1 }, 'maxCostPer1MTokens'],
    ['tags as text', { tags: 'a' }, 'tags'],
    ['a fallback that is a number', { fallbacks: [5] }, 'fallbacks'],
    ['no time', { timeoutMs: 0 }, 'timeoutMs'],
    ['an unknown cache', { cache: 'maybe' }, 'cache'],
  ])('is refused by /v2/chat: %s', async (_name, change, param) => {
    await expectRefusal(await gateway.post('/v2/chat', chat(change)), 400, param);
  });

  it('is refused when it is larger than 4 MB, announced or not', async () => {
    const body = JSON.stringify(chat({ padding: 'x'.repeat(4_300_000) }));
    await expectRefusal(await gateway.post('/v1/chat/completions', body), 413, null, 'request_too_large');
    const chunked = new Blob([body]).stream();
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}` },
      body: chunked,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });
});

describe('a model that is not there', () => {
  it.each([
    [{ model: CANARY }, {}, 'model'],
    [{ model: 'constructor' }, {}, 'model'],
    [{ model: '__proto__' }, {}, 'model'],
    [{}, { 'x-headgate-fallbacks': `gpt-4o,${CANARY}` }, 'fallbacks'],
  ])('is a 404: %j %j', async (change, headers, param) => {
    const response = await gateway.post('/v1/chat/completions', chat(change), headers as Record<string, string>);
    await expectRefusal(response, 404, param, 'model_not_found');
  });
});

describe('a key that is not one', () => {
  it.each([
    ['none', undefined],
    ['an empty one', 'Bearer '],
    ['another scheme', `Basic ${API_KEY}`],
    ['an unknown one', 'Bearer hg_unknown'],
    ['the beginning of a valid one', `Bearer ${API_KEY.slice(0, -1)}`],
    ['a valid one with more behind', `Bearer ${API_KEY}x`],
    ['600 characters', `Bearer ${'x'.repeat(600)}`],
    ['a quote', "Bearer ' OR 1=1 --"],
  ])('is the same 401: %s', async (_name, authorization) => {
    for (const [method, path] of [
      ['POST', '/v1/chat/completions'],
      ['POST', '/v2/chat'],
      ['GET', '/v1/models'],
    ] as const) {
      const response = await fetch(gateway.url + path, {
        method,
        headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
        ...(method === 'POST' ? { body: JSON.stringify(chat({})) } : {}),
      });
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      const { error } = await bodyOf(response);
      expect({ status: response.status, error }).toEqual({
        status: 401,
        error: {
          message: 'No valid key. Send one of this gateway as "Authorization: Bearer hg_…".',
          type: 'authentication_error',
          code: 'invalid_api_key',
          param: null,
        },
      });
    }
  });
});

describe('headers', () => {
  it.each([
    ['x-headgate-timeout-ms', 'soon'],
    ['x-headgate-timeout-ms', '-5'],
    ['x-headgate-timeout-ms', '0'],
    ['x-headgate-cache', 'sometimes'],
    ['x-headgate-fallbacks', 'a b'],
    ['x-headgate-tags', Array.from({ length: 11 }, (_, index) => `t${index}`).join()],
    ['x-headgate-user', 'x'.repeat(257)],
    ['x-headgate-user', 'Zoë'],
  ])('that make no sense are refused by name: %s: %s', async (header, value) => {
    await expectRefusal(await gateway.post('/v1/chat/completions', chat({}), { [header]: value }), 400, header);
  });

  it('of 16 KB are refused in the shape that clients read', async () => {
    const response = await gateway.post('/v1/chat/completions', chat({}), { 'x-large': 'x'.repeat(16_384) });
    await expectRefusal(response, 431, null, 'headers_too_large');
  });

  it('that are no HTTP are refused, and the server lives on', async () => {
    const { port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nbad header\r\n\r\n'));
      let text = '';
      socket.on('data', (piece) => {
        text += piece;
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"invalid_request"');
    expect((await fetch(`${gateway.url}/v2/health`)).status).toBe(200);
  });
});

describe('a path or method that is not there', () => {
  it.each([
    ['GET', '/', 404],
    ['POST', '/v1/chat/completions/', 404],
    ['GET', '/v1/chat/completions', 405],
    ['DELETE', '/v2/health', 405],
  ])('%s %s is %i', async (method, path, status) => {
    await expectRefusal(await fetch(gateway.url + path, { method }), status, null);
  });
});
