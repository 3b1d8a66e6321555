import type { ServerResponse } from 'node:http';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { ConfigurationOverrides } from '../../lambda/core/configuration.ts';
import { localTableName } from '../../local/dynamo.ts';
import { API_KEY, bodyOf, type GatewayUnderTest, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { chunk, close, sse, whole } from './scripted-provider.ts';

/** What a test's provider does with a request. */
export type Answer = (response: ServerResponse, body: { stream?: boolean; user?: string }, call: number) => void;

/** Says which call of the test it answers. */
export const numbered: Answer = (response, { stream }, call) => {
  if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: `answer ${call}` }));
    return;
  }
  response.writeHead(200, sse);
  for (const data of [chunk({ role: 'assistant', content: `answer ${call}` }), chunk({}, 'stop'), '[DONE]']) {
    response.write(`data: ${data}\n\n`);
  }
  response.end();
};

/** A provider that takes its time, and a gateway that coalesces; its cache is off unless a test turns it on. */
export async function startCoalescing(answer: Answer = numbered, overrides: ConfigurationOverrides = {}, tookMs = 150) {
  let calls = 0;
  const provider = await startProvider((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      calls += 1;
      const call = calls;
      setTimeout(() => answer(response, JSON.parse(text), call), tookMs);
    });
  });
  const options = { provider: provider.url, overrides: { deduplication: { isOn: true }, ...overrides } };
  const gateway = await startGatewayUnderTest(options);
  close.push(provider.close, gateway.close);
  const second = async () => {
    const beside = await startGatewayUnderTest({ ...options, beside: gateway });
    close.push(beside.close);
    return beside;
  };
  return { gateway, second, calls: () => calls };
}

export const QUESTION = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Why is the sky blue?' }] };

export const askOf =
  (gateway: GatewayUnderTest) =>
  (more: object = {}, headers: Record<string, string> = {}) =>
    gateway.post('/v1/chat/completions', { ...QUESTION, ...more }, headers);

export const cacheOf = (response: Response) => response.headers.get('x-headgate-cache');
export const contentOf = async (response: Response) => (await bodyOf(response)).choices?.[0].message.content;
export const times = <Value>(count: number, make: (index: number) => Value) =>
  Array.from({ length: count }, (_, i) => make(i));

/** What lies in `traffic` under keys that begin so. */
export async function items(gateway: GatewayUnderTest, prefix: string) {
  const { Items = [] } = await gateway.database.send(new ScanCommand({ TableName: localTableName('traffic') }));
  return Items.filter(({ pk }) => String(pk).startsWith(prefix));
}

/** A request whose caller may hang up; undefined when he did before the answer began. */
export function askAndLeave(
  gateway: GatewayUnderTest,
  signal: AbortSignal,
  more: object = {},
): Promise<Response | undefined> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify({ ...QUESTION, ...more }),
    signal,
  }).catch(() => undefined);
}
