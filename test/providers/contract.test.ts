import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { providers } from '../../config/providers.ts';
import type { ChatRequest } from '../../lambda/core/chat-request.ts';
import { type Configuration, type Model, mergeConfiguration, type Provider } from '../../lambda/core/configuration.ts';
import type { JsonObject } from '../../lambda/core/json-body.ts';
import { ProviderFailure } from '../../lambda/core/provider-failure.ts';
import { type TokenUsage, totalInputTokens, totalOutputTokens } from '../../lambda/core/usage.ts';
import { httpUpstream } from '../../lambda/providers/http-upstream.ts';
import { type Answer, attempt } from '../../lambda/workflow/attempt.ts';
import { startProvider } from '../api/gateway-under-test.ts';
import { playRefusal, playStream, playWhole, recordedAnswers, VERDICTS } from './recorded-answers.ts';

/** Providers whose wire has tests of its own. */
const OF_ANOTHER_WIRE = ['anthropic'];

const KEY = 'sk-key-of-the-contract-0123456789';
const MAX_TOKENS = 321;

const recorded = recordedAnswers();
const ids = Object.keys(providers).filter((id) => !OF_ANOTHER_WIRE.includes(id));

/** A request as the provider got it. */
interface Asked {
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: JsonObject;
}

let play: (response: ServerResponse) => void;
let asked: Asked | undefined;
let server: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  server = await startProvider(async (request, response) => {
    asked = { path: request.url, headers: request.headers, body: JSON.parse(await text(request)) };
    play(response);
  });
});
afterAll(() => server.close());

/** Our configuration with one provider at the byte server, and the recorded model of it. */
function configured(id: string, modelId: string): { configuration: Configuration; model: Model } {
  const provider: Provider = { ...providers[id as keyof typeof providers], baseUrl: `${server.url}/${id}` };
  const unlisted = { provider: id, upstreamName: 'a-deployment', contextWindowTokens: 128_000 };
  const model = configuration.models[modelId] ?? {
    ...unlisted,
    price: { inputPerMillion: 1, outputPerMillion: 1 },
  };
  const changed = mergeConfiguration(configuration, { providers: { [id]: provider }, models: { [modelId]: model } });
  return { configuration: changed, model };
}

function ask(id: string, modelId: string, stream: boolean): Promise<Answer> {
  const { configuration: changed, model } = configured(id, modelId);
  const ports = {
    upstream: httpUpstream(),
    providerKeys: { find: async () => KEY },
    signForAws: async () => ({}),
    clock: Date.now,
    configuration: changed,
  };
  // Both names of the limit, as a careless client sends them: the provider gets its own alone.
  const limits = { max_tokens: MAX_TOKENS, max_completion_tokens: MAX_TOKENS };
  const request: ChatRequest = {
    model: modelId,
    stream,
    streamOptions: {},
    body: { messages: [{ role: 'user', content: 'When does the tide turn?' }], ...limits },
    maxTokens: undefined,
    options: {},
  };
  return attempt(
    ports,
    request,
    { modelId, model, waitMs: 0, timeoutMs: 5_000 },
    5_000,
    AbortSignal.timeout(5_000),
    () => {},
  );
}

async function refused(id: string, modelId: string): Promise<ProviderFailure> {
  const thrown = await ask(id, modelId, false).catch((error: unknown) => error);
  if (!(thrown instanceof ProviderFailure)) throw new Error('It was no refusal.', { cause: thrown });
  return thrown;
}

/** All words of an answer, however it came, with how it ended and what it used. */
async function read(answer: Answer): Promise<{ content: string; ending: string | undefined; usage?: TokenUsage }> {
  if (answer.kind === 'complete') {
    return { content: answer.facts.content, ending: answer.facts.finishReason, usage: answer.usage };
  }
  let content = '';
  for await (const batch of answer.batches) {
    for (const { parsed } of batch) {
      const [choice] = parsed.choices as { delta?: { content?: string } }[];
      content += choice?.delta?.content ?? '';
    }
  }
  const { finishReason, usage } = answer.progress;
  return { content, ending: finishReason, ...(usage ? { usage } : {}) };
}

it('is recorded for every provider', () => {
  expect(Object.keys(recorded).sort()).toEqual([...ids].sort());
});

describe.each(ids)('%s', (id) => {
  const answers = recorded[id];
  if (!answers) throw new Error(`Nothing is recorded for ${id}.`);
  const { model, takes, content, usage, whole, stream, filtered, refusals } = answers;

  it.each([false, true])('answers; as a stream: %s', async (asStream) => {
    play = (response) => (asStream ? playStream(response, stream) : playWhole(response, whole));
    const got = await read(await ask(id, model, asStream));
    expect(got).toMatchObject({ content, ending: 'stop' });
    expect(got.usage).toMatchObject({
      estimated: false,
      cacheReadTokens: usage.cacheRead,
      reasoningTokens: usage.reasoning,
    });
    const parts = got.usage as TokenUsage;
    expect([totalInputTokens(parts), totalOutputTokens(parts)]).toEqual([usage.input, usage.output]);
    expect(totalInputTokens(parts) + totalOutputTokens(parts)).toBe(whole.usage.total_tokens);
  });

  it.each([false, true])('is asked in its own way; for a stream: %s', async (asStream) => {
    play = (response) => (asStream ? playStream(response, stream) : playWhole(response, whole));
    await read(await ask(id, model, asStream));
    expect(asked?.path).toBe(`/${id}/chat/completions`);
    const { authorization, 'api-key': apiKey } = asked?.headers ?? {};
    const sent = takes.keyHeader === 'authorization' ? { authorization: `Bearer ${KEY}` } : { apiKey: KEY };
    expect({ authorization, apiKey }).toEqual(sent);
    expect(asked?.body).toEqual({
      model: configured(id, model).model.upstreamName,
      messages: [{ role: 'user', content: 'When does the tide turn?' }],
      [takes.maxTokensField]: MAX_TOKENS,
      ...(asStream ? { stream: true } : {}),
      ...(asStream && takes.streamOptions ? { stream_options: { include_usage: true } } : {}),
    });
  });

  it.each(Object.entries(refusals))('refuses for %s', async (what, refusal) => {
    play = (response) => playRefusal(response, refusal, KEY);
    const { failureClass, error } = await refused(id, model);
    expect({ what, failureClass }).toEqual({ what, failureClass: VERDICTS[what as keyof typeof VERDICTS] });
    expect(error.retryAfterSeconds).toBe(refusal.retryAfterSeconds);
    if (refusal.param !== undefined) expect(error.param).toBe(refusal.param);
    expect(error.message).not.toContain(KEY);
    expect(error.message).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}|org[-_]\w{16}|user_\w{16}/);
    if (['model', 'caller'].includes(failureClass))
      expect(error.message).toContain('The provider refused the request: ');
  });

  it('refuses for a rate limit, a context that is too long, and a bad key at least', () => {
    expect(Object.keys(refusals)).toEqual(expect.arrayContaining(['rateLimit', 'contextLength', 'badKey']));
  });

  if (!filtered) return;
  it('ends as OpenAI does when its filter took the answer', async () => {
    play = (response) => playWhole(response, filtered);
    expect(await read(await ask(id, model, false))).toMatchObject({ content: '', ending: 'content_filter' });
    const { choices, ...rest } = filtered as { choices: { finish_reason: string }[] };
    const delta = { choices: choices.map((choice) => ({ ...choice, delta: {} })) };
    play = (response) => playStream(response, [{ ...rest, ...delta }, '[DONE]']);
    expect(await read(await ask(id, model, true))).toMatchObject({ content: '', ending: 'content_filter' });
  });
});
