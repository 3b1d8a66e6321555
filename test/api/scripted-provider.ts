import type { ServerResponse } from 'node:http';
import { afterEach } from 'vitest';
import { type GatewayUnderTest, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';

/** Closed after each test. */
export const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

/** A gateway whose provider answers every request with this. */
export async function gatewayTo(answer: (response: ServerResponse, body: string) => void): Promise<GatewayUnderTest> {
  const provider = await startProvider((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => answer(response, body));
  });
  const gateway = await startGatewayUnderTest({ provider: provider.url });
  close.push(gateway.close, provider.close);
  return gateway;
}

/** A chat of the test's caller, with two seconds to be answered. */
export const chat = (gateway: GatewayUnderTest, more: object = {}, headers: Record<string, string> = {}) =>
  gateway.post(
    '/v1/chat/completions',
    { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }], ...more },
    { 'x-headgate-timeout-ms': '2000', ...headers },
  );

/** The headers of an event stream. */
export const sse = { 'content-type': 'text/event-stream' };
/** The JSON of a stream's chunk. */
export const chunk = (delta: object, finish_reason: string | null = null) =>
  JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
/** The JSON of a whole answer. */
export const whole = (message: object, finish_reason = 'stop') =>
  JSON.stringify({ id: 'x', object: 'chat.completion', choices: [{ index: 0, message, finish_reason }] });
