import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS, type FaultName } from '../../local/simulated/faults.ts';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

const DEADLINE_MS = 700;

/** Some 11 to 13 tokens at $0.15 a million. */
const INPUT_MICRODOLLARS = 2;

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const ask = (prompt: string, more: object = {}) =>
  gateway.post(
    '/v1/chat/completions',
    { model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }], ...more },
    { 'x-headgate-timeout-ms': String(DEADLINE_MS) },
  );

/** The data of every event in a stream, as strict readers see them. */
function eventsIn(text: string): string[] {
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(data) });
  parser.feed(text);
  return events;
}

/** The faults after which an answer is still whole: its usage alone is wrong. */
const HARMLESS: FaultName[] = ['nousage', 'badusage'];

/** Faults that, in a stream, show only after the first content. */
const LATE: FaultName[] = ['cut', 'eof', 'stall', 'error'];

const OF_THE_PROVIDER = /simulated error|It works|hello.?:.?.?world|internal/i;

describe('a provider that fails', () => {
  for (const name of Object.keys(FAULTS) as FaultName[]) {
    if (HARMLESS.includes(name)) continue;

    it(`${name}: a whole answer becomes an OpenAI-shaped error within the deadline`, async () => {
      const startedAt = performance.now();
      const response = await ask(`simulate:${name}`);
      const body = await response.text();
      expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + 1_500);
      expect(response.status).toBeGreaterThanOrEqual(500);
      expect(JSON.parse(body)).toEqual({
        error: { message: expect.any(String), type: 'api_error', code: expect.any(String), param: null },
      });
      expect(body).not.toMatch(OF_THE_PROVIDER);
      expect(await gateway.eventOf(response)).toMatchObject({
        outcome: 'failed',
        attempts: 1,
        usage: { textOutputTokens: 0 },
      });
      // A provider that took the request and was silent until the deadline may bill what went in.
      const mayBill = ['hang', 'drip', 'stall'].includes(name);
      expect((await gateway.eventOf(response))?.costMicroDollars).toBe(mayBill ? INPUT_MICRODOLLARS : 0);
    });

    it(`${name}: a stream never looks complete`, async () => {
      const response = await ask(`simulate:${name}`, { stream: true });
      const body = await response.text();
      expect(body).not.toMatch(OF_THE_PROVIDER);
      if (!LATE.includes(name)) {
        expect(response.status).toBeGreaterThanOrEqual(500);
        expect(JSON.parse(body).error.type).toBe('api_error');
        return;
      }
      expect(response.status).toBe(200);
      const events = eventsIn(body);
      expect(events).not.toContain('[DONE]');
      expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ error: { type: 'api_error' } });
      expect(events.some((data) => data.includes('"finish_reason":"stop"'))).toBe(false);
      const event = await gateway.eventOf(response);
      expect(event).toMatchObject({ outcome: 'interrupted', usage: { estimated: true } });
      expect(event?.usage.textOutputTokens).toBeGreaterThanOrEqual(events.length - 2);
    });
  }

  for (const name of HARMLESS) {
    it(`${name}: the answer stands, its usage estimated and marked`, async () => {
      const response = await ask(`Say it. simulate:${name}`);
      const { usage, choices } = await bodyOf(response);
      expect(choices[0].finish_reason).toBe('stop');
      expect(usage).toMatchObject({ estimated: true });
      expect(usage.completion_tokens).toBeGreaterThan(5);
      const streamed = await ask(`Say it. simulate:${name}`, { stream: true, stream_options: { include_usage: true } });
      const events = eventsIn(await streamed.text());
      expect(events.at(-1)).toBe('[DONE]');
      expect(JSON.parse(events.at(-2) ?? '').usage).toMatchObject({ estimated: true, cost_usd: expect.any(Number) });
      expect((await gateway.eventOf(streamed))?.usage.estimated).toBe(true);
    });
  }

  const classes = {
    400: 400,
    401: 424,
    403: 424,
    404: 404,
    408: 504,
    413: 413,
    422: 422,
    429: 429,
    500: 502,
    503: 503,
    529: 503,
  };
  for (const [provider, caller] of Object.entries(classes)) {
    it(`status ${provider} reaches the caller as ${caller}, for a whole answer and for a stream`, async () => {
      for (const stream of [false, true]) {
        const response = await ask(`simulate:status=${provider}`, { stream });
        expect(response.status).toBe(caller);
        const { error } = await bodyOf(response);
        expect(error).toMatchObject({
          message: expect.any(String),
          type: expect.any(String),
          code: expect.any(String),
        });
      }
    });
  }

  it('says how long to wait when the provider does', async () => {
    const response = await ask('simulate:status=429');
    expect(response.headers.get('retry-after')).toBe('2');
  });
});
