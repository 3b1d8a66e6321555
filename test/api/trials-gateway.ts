import { afterAll, beforeAll } from 'vitest';
import {
  API_KEY,
  eventually,
  type GatewayUnderTest,
  startGatewayUnderTest,
  startProvider,
} from './gateway-under-test.ts';

export const BASE = 'openai/gpt-4o';
export const CANDIDATE = 'openai/gpt-4o-mini';
/** Never answered, and dearer than the other two. */
export const HANGING = 'openai/hanging';

const hanging = {
  provider: 'openai',
  upstreamName: 'gpt-4o-mini-hanging',
  contextWindowTokens: 128_000,
  price: { inputPerMillion: 5, outputPerMillion: 20 },
};

/** A provider that answers as is asked, but for the model that hangs, and remembers what it was asked. */
async function provider() {
  const asked: { model: string; stream?: boolean; messages: unknown; tools?: unknown }[] = [];
  const server = await startProvider((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(pieces).toString());
      asked.push(body);
      if (body.model.endsWith('hanging')) return;
      if (JSON.stringify(body.messages).includes('refuse')) {
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"No."}}');
        return;
      }
      const usage = { prompt_tokens: 10, completion_tokens: 5 };
      const choice = { index: 0, finish_reason: 'stop' };
      if (body.stream) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const chunk = {
          id: 'a',
          object: 'chat.completion.chunk',
          choices: [{ ...choice, delta: { content: 'Yes.' } }],
        };
        response.end(`data: ${JSON.stringify({ ...chunk, usage })}\n\ndata: [DONE]\n\n`);
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      const choices = [{ ...choice, message: { role: 'assistant', content: 'Yes.' } }];
      response.end(JSON.stringify({ id: 'a', object: 'chat.completion', choices, usage }));
    });
  });
  return { ...server, asked };
}

/** A caller's question. */
export const say = (content: string) => [{ role: 'user', content }];

/** A gateway with policies that try models, for the tests of a file. */
export function useTrials() {
  const trials = {} as { gateway: GatewayUnderTest; asked: Awaited<ReturnType<typeof provider>>['asked'] };
  const close: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const upstream = await provider();
    trials.asked = upstream.asked;
    trials.gateway = await startGatewayUnderTest({
      provider: upstream.url,
      overrides: {
        models: { [HANGING]: hanging },
        caching: { isOn: true },
        routing: {
          policies: {
            plain: { model: BASE },
            shadowed: { model: BASE, shadow: { model: CANDIDATE, percent: 100 } },
            hung: { model: BASE, shadow: { model: HANGING, percent: 100 } },
            split: { model: BASE, split: { model: CANDIDATE, percent: 50 } },
          },
          defaultPolicy: 'plain',
          aliases: { shadowed: 'shadowed', hung: 'hung', split: 'split' },
        },
      },
    });
    close.push(trials.gateway.close, upstream.close);
  });
  afterAll(async () => {
    for (const one of close) await one();
  });
  async function ask(
    model: string,
    content: string,
    more: { key?: string; headers?: Record<string, string>; body?: object } = {},
  ) {
    const response = await trials.gateway.post(
      '/v1/chat/completions',
      { model, messages: say(content), max_tokens: 100, ...more.body },
      { 'x-headgate-timeout-ms': '1500', authorization: `Bearer ${more.key ?? API_KEY}`, ...more.headers },
    );
    await response.text();
    return { response, requestId: response.headers.get('x-headgate-request-id') ?? '' };
  }

  /** The event of a request's shadow, once it is there. */
  const shadowOf = (requestId: string, account?: string) =>
    eventually(async () => (await trials.gateway.events(account)).find((event) => event.side?.of === requestId));

  return { trials, ask, shadowOf };
}
