import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import type { ChatRequest } from '../../lambda/core/chat-request.ts';
import { type Model, mergeConfiguration } from '../../lambda/core/configuration.ts';
import { httpUpstream } from '../../lambda/providers/http-upstream.ts';
import { providerSecret } from '../../lambda/store/provider-secret.ts';
import { attempt } from '../../lambda/workflow/attempt.ts';
import { startProvider } from '../api/gateway-under-test.ts';
import { whole } from '../api/scripted-provider.ts';

const MODEL_ID = 'openai/gpt-4o';
const model = configuration.models[MODEL_ID] as Model;

/** The only key the provider takes. */
let valid = 'sk-1';
let seen: (string | undefined)[] = [];
let server: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  server = await startProvider(async (request, response) => {
    const { authorization } = request.headers;
    seen.push(authorization);
    await text(request);
    const isTaken = authorization === `Bearer ${valid}`;
    response.writeHead(isTaken ? 200 : 401, { 'content-type': 'application/json' });
    response.end(isTaken ? whole({ content: 'Hello!' }) : '{"error":{"code":"invalid_api_key"}}');
  });
});
afterAll(() => server.close());
beforeEach(() => {
  seen = [];
});

let now = 0;
let secret = '{"openai":"sk-1"}';
let isReadable = true;
const providerKeys = providerSecret(
  async () => {
    if (!isReadable) throw new Error('throttled');
    return secret;
  },
  () => now,
);

function ask() {
  const provider = { ...configuration.providers.openai, baseUrl: `${server.url}/v1` } as never;
  const ports = {
    upstream: httpUpstream(),
    providerKeys,
    signForAws: async () => ({}),
    clock: Date.now,
    configuration: mergeConfiguration(configuration, { providers: { openai: provider } }),
  };
  const body = { messages: [{ role: 'user', content: 'Hi' }] };
  const request: ChatRequest = {
    model: MODEL_ID,
    stream: false,
    streamOptions: {},
    body,
    maxTokens: undefined,
    options: {},
  };
  const step = { modelId: MODEL_ID, model, waitMs: 0, timeoutMs: 5_000 };
  let sent = 0;
  const answer = attempt(ports, request, step, 5_000, AbortSignal.timeout(5_000), () => {
    sent += 1;
  });
  return answer.then(
    () => ({ answered: true, sent }),
    (error: Error & { failureClass?: string }) => ({ answered: false, sent, failureClass: error.failureClass }),
  );
}

it('a key that was replaced a moment ago is used within the same call, and a dead one is not asked for again and again', async () => {
  expect(await ask()).toEqual({ answered: true, sent: 1 });

  // Replaced with the provider and in the secret.
  valid = 'sk-2';
  secret = '{"openai":"sk-2"}';
  now = 100_000;
  expect(await ask()).toEqual({ answered: true, sent: 2 });
  expect(seen).toEqual(['Bearer sk-1', 'Bearer sk-1', 'Bearer sk-2']);
  expect(await ask()).toEqual({ answered: true, sent: 1 });

  // Revoked, and nobody has put another.
  valid = 'sk-3';
  now = 200_000;
  expect(await ask()).toEqual({ answered: false, sent: 1, failureClass: 'key' });

  // The secret cannot be read: the provider's word stands.
  isReadable = false;
  now = 300_000;
  expect(await ask()).toEqual({ answered: false, sent: 1, failureClass: 'key' });
});
