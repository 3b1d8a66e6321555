import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { FAULTS, type FaultName } from '../../local/simulated/faults.ts';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';

const MODEL = 'anthropic/claude-test';
const overrides = {
  models: {
    [MODEL]: {
      provider: 'anthropic',
      upstreamName: 'claude-test',
      contextWindowTokens: 200_000,
      price: { inputPerMillion: 3, outputPerMillion: 15, cacheReadPerMillion: 0.3, cacheWritePerMillion: 3.75 },
    },
  },
};

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ overrides });
});
afterAll(() => gateway.close());

const hello: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello, gateway!' },
];
const weather: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
  },
};
const ask = (body: object, headers: Record<string, string> = {}) =>
  gateway.post('/v1/chat/completions', { model: MODEL, messages: hello, ...body }, headers);

describe('a model of Anthropic, for the official openai client', () => {
  it('answers, and its usage is counted and priced', async () => {
    const { data, response } = await gateway.client.chat.completions
      .create({ model: MODEL, messages: hello })
      .withResponse();
    expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', refusal: null } });
    expect(data.choices[0]?.message.content).toContain('You said: Hello, gateway!');
    const { prompt_tokens: input = 0, completion_tokens: output = 0 } = data.usage ?? {};
    const event = await gateway.eventOf(response);
    expect(event).toMatchObject({
      provider: 'anthropic',
      model: MODEL,
      outcome: 'answered',
      usage: { uncachedInputTokens: input, textOutputTokens: output, estimated: false },
    });
    expect(event?.costMicroDollars).toBe(input * 3 + output * 15);
  });

  it('streams the same words, and usage only when it is asked for', async () => {
    const read = async (include_usage: boolean) => {
      const stream = await gateway.client.chat.completions.create({
        model: MODEL,
        messages: hello,
        stream: true,
        stream_options: { include_usage },
      });
      let content = '';
      let chunks = 0;
      const ids = new Set<string>();
      const usages: unknown[] = [];
      for await (const chunk of stream) {
        content += chunk.choices[0]?.delta.content ?? '';
        chunks += 1;
        ids.add(`${chunk.id} ${chunk.created} ${chunk.model}`);
        if (chunk.usage) usages.push(chunk.usage);
      }
      return { content, chunks, ids, usages };
    };
    const { content, chunks, ids, usages } = await read(true);
    expect(content).toContain('You said: Hello, gateway!');
    expect(chunks).toBeGreaterThan(5);
    expect(ids.size).toBe(1);
    expect(usages).toEqual([
      expect.objectContaining({ completion_tokens: expect.any(Number), cost_usd: expect.any(Number) }),
    ]);
    expect((await read(false)).usages).toEqual([]);
  });

  it('calls tools, whole and streamed, and takes the results back', async () => {
    const body = { model: MODEL, messages: hello, tools: [weather], parallel_tool_calls: false };
    const answer = await gateway.client.chat.completions.create(body);
    const [choice] = answer.choices;
    const called = { function: { name: 'weather', arguments: '{"city":"simulated","days":1}' } };
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null, tool_calls: [called] } });
    const runner = gateway.client.chat.completions.stream(body);
    const [streamed] = (await runner.finalChatCompletion()).choices;
    expect(streamed).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [called] } });
    const call = choice?.message.tool_calls?.[0];
    if (!choice || !call) throw new Error('There is no call.');
    const messages = [...hello, choice.message, { role: 'tool' as const, tool_call_id: call.id, content: 'sunny' }];
    const after = await gateway.client.chat.completions.create({ ...body, messages });
    expect(after.choices[0]?.message.content).toContain('You said: sunny');
  });

  it('fills a JSON schema', async () => {
    const answer = await gateway.client.chat.completions.create({
      model: MODEL,
      messages: hello,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'city',
          strict: true,
          schema: { type: 'object', properties: { city: { type: 'string' } } },
        },
      },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ city: 'simulated' });
  });

  it('shows its thinking, whole and streamed', async () => {
    const { choices } = await bodyOf(await ask({ reasoning_effort: 'high' }));
    expect(choices[0].message).toMatchObject({
      reasoning_content: 'This is a simulated thought.',
      thinking_blocks: [{ type: 'thinking', signature: expect.any(String) }],
    });
    const streamed = await (await ask({ reasoning_effort: 'high', stream: true })).text();
    expect(streamed).toContain('"reasoning_content":"This is a simulated thought."');
    expect(streamed).toContain('"thinking_blocks":[{"type":"thinking"');
  });

  it('stops at its limit, and says so', async () => {
    const answer = await gateway.client.chat.completions.create({ model: MODEL, messages: hello, max_tokens: 3 });
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 3 } });
  });

  it('leaves to a fallback what it cannot do', async () => {
    const response = await ask({ n: 2 }, { 'x-headgate-fallbacks': 'openai/gpt-4o-mini' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-headgate-model')).toBe('openai/gpt-4o-mini');
    expect((await bodyOf(response)).choices).toHaveLength(2);
    const alone = await ask({ n: 2 });
    expect(alone.status).toBe(400);
    expect((await bodyOf(alone)).error).toMatchObject({ code: 'invalid_request', param: 'n' });
  });
});

describe('what Anthropic is sent', () => {
  it('goes to its path, with its version and its key', async () => {
    const seen: unknown[] = [];
    const provider = await startProvider((request, response) => {
      const { url, headers } = request;
      seen.push([url, headers['x-api-key'], headers['anthropic-version'], headers.authorization]);
      response.writeHead(529, { 'content-type': 'application/json' }).end('{"type":"error","error":{}}');
    });
    const { anthropic } = configuration.providers;
    if (!anthropic) throw new Error('There is no such provider.');
    const direct = await startGatewayUnderTest({
      overrides,
      environment: { ANTHROPIC_API_KEY: 'sk-ant-key', ANTHROPIC_BASE_URL: `${provider.url}/v1` },
    });
    const response = await direct.post('/v1/chat/completions', { model: MODEL, messages: hello });
    expect((await bodyOf(response)).error.code).toBe('provider_overloaded');
    expect(seen).toEqual([['/v1/messages', 'sk-ant-key', '2023-06-01', undefined]]);
    expect(anthropic).toMatchObject({ baseUrl: 'https://api.anthropic.com/v1', keyHeader: 'x-api-key' });
    await direct.close();
    await provider.close();
  });
});

describe("a fault in Anthropic's words", () => {
  const HARMLESS: FaultName[] = ['nousage', 'badusage'];
  const LATE: FaultName[] = ['cut', 'eof', 'stall', 'error'];
  const deadline = { 'x-headgate-timeout-ms': '700' };
  const failing = (name: FaultName, stream: boolean) =>
    ask({ messages: [{ role: 'user', content: `simulate:${name}` }], stream }, deadline);

  for (const name of Object.keys(FAULTS) as FaultName[]) {
    if (HARMLESS.includes(name)) continue;

    it(`${name} never looks like an answer`, async () => {
      const whole = await failing(name, false);
      expect(whole.status).toBeGreaterThanOrEqual(500);
      expect((await bodyOf(whole)).error).toMatchObject({ type: 'api_error', code: expect.any(String) });
      const stream = await failing(name, true);
      const text = await stream.text();
      expect(text).toContain('"type":"api_error"');
      expect(text).not.toMatch(/\[DONE\]|"finish_reason":"|Simulated error/);
      expect(stream.ok).toBe(LATE.includes(name));
      expect((await gateway.eventOf(stream))?.outcome).toBe(LATE.includes(name) ? 'interrupted' : 'failed');
    });
  }

  for (const name of HARMLESS) {
    it(`${name} leaves the answer standing, its usage estimated`, async () => {
      const whole = await failing(name, false);
      expect((await bodyOf(whole)).usage).toMatchObject({ estimated: true });
      const stream = await failing(name, true);
      expect(await stream.text()).toContain('[DONE]');
      expect((await gateway.eventOf(stream))?.usage.estimated).toBe(true);
    });
  }

  it.each([
    [400, 400],
    [401, 424],
    [413, 413],
    [429, 429],
    [529, 503],
  ])('status %i reaches the caller as %i', async (status, shown) => {
    const response = await ask({ messages: [{ role: 'user', content: `simulate:status=${status}` }] });
    expect(response.status).toBe(shown);
  });
});
