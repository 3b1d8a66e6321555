import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  API_KEY,
  eventually,
  type GatewayUnderTest,
  startGatewayUnderTest,
  startProvider,
} from './gateway-under-test.ts';

let provider: { url: string; close(): Promise<void> };
let gateway: GatewayUnderTest;
let openCalls = 0;
let calls = 0;

/** Answers with a chunk every 20 ms, without end; without a stream it never answers. */
function endless(request: IncomingMessage, response: ServerResponse): void {
  calls += 1;
  openCalls += 1;
  let timer: NodeJS.Timeout | undefined;
  response.on('close', () => {
    openCalls -= 1;
    clearInterval(timer);
  });
  let body = '';
  request.on('data', (piece) => {
    body += piece;
  });
  request.on('end', () => {
    if (!body.includes('"stream":true')) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    timer = setInterval(() => response.write('data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'), 20);
  });
}

beforeAll(async () => {
  provider = await startProvider(endless);
  gateway = await startGatewayUnderTest({ provider: provider.url });
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});
beforeEach(() => {
  calls = 0;
});

/** Sends a chat and hangs up after so many pieces of the answer, or after 100 ms when none is to come. */
function hangUp(stream: boolean, afterPieces: number): Promise<void> {
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Talk.' }], stream });
  return new Promise((resolve) => {
    const request = httpRequest(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    });
    const leave = () => {
      request.destroy();
      resolve();
    };
    request.on('error', () => {});
    request.on('response', (response) => {
      let pieces = 0;
      response.on('error', () => {});
      response.on('data', () => {
        pieces += 1;
        if (pieces === afterPieces) leave();
      });
    });
    request.end(body);
    if (afterPieces === 0) setTimeout(leave, 100);
  });
}

describe('a caller who hangs up', () => {
  it('in a stream stops the provider within a second, and one event says what was relayed', async () => {
    const before = (await gateway.events()).length;
    await Promise.all(Array.from({ length: 20 }, () => hangUp(true, 4)));
    const leftAt = performance.now();
    await eventually(() => openCalls === 0 || undefined);
    expect(performance.now() - leftAt).toBeLessThan(1_000);
    const events = (
      await eventually(async () => {
        const all = await gateway.events();
        return all.length >= before + 20 ? all : undefined;
      })
    ).slice(before);
    expect(events).toHaveLength(20);
    for (const event of events) {
      expect(event).toMatchObject({ outcome: 'client_closed', usage: { estimated: true } });
      expect(event.usage.textOutputTokens).toBeGreaterThanOrEqual(3);
      expect(event.costMicroDollars).toBeGreaterThan(0);
    }
    expect(calls).toBe(20);
  });

  it('before the first byte stops the provider too, and is not tried again on a fallback', async () => {
    const before = (await gateway.events()).length;
    await hangUp(false, 0);
    await eventually(() => openCalls === 0 || undefined);
    const event = await eventually(async () => (await gateway.events())[before]);
    expect(event).toMatchObject({ outcome: 'client_closed', attempts: 1 });
    expect(event.usage).toMatchObject({ estimated: true, textOutputTokens: 0 });
    expect(calls).toBe(1);
  });
});
