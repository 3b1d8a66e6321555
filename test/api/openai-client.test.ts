import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const hello = [{ role: 'user' as const, content: 'Hello, gateway!' }];
const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city'],
    },
  },
};

describe('the official openai client', () => {
  it('gets an answer with usage', async () => {
    const answer = await gateway.client.chat.completions.create({ model: 'openai/gpt-4o-mini', messages: hello });
    expect(answer.choices[0]?.message.content).toContain('Hello, gateway!');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.completion_tokens).toBeGreaterThan(5);
  });

  it('streams the same words, and usage only when it asks for it', async () => {
    const read = async (include_usage?: boolean) => {
      const stream = await gateway.client.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: hello,
        stream: true,
        ...(include_usage === undefined ? {} : { stream_options: { include_usage } }),
      });
      let content = '';
      const usages: unknown[] = [];
      for await (const chunk of stream) {
        content += chunk.choices[0]?.delta.content ?? '';
        if ('usage' in chunk) usages.push(chunk.usage);
      }
      return { content, usages };
    };
    const plain = await read();
    expect(plain.content).toContain('Hello, gateway!');
    expect(plain.usages).toEqual([]);
    const { usages } = await read(true);
    expect(usages.at(-1)).toMatchObject({ completion_tokens: expect.any(Number), cost_usd: expect.any(Number) });
    expect(usages.slice(0, -1).every((usage) => usage === null)).toBe(true);
  });

  it('calls tools, whole and streamed, and takes the result back', async () => {
    const body = { model: 'gpt-4o', messages: hello, tools: [weather] };
    const answer = await gateway.client.chat.completions.create(body);
    const call = answer.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ function: { name: 'weather', arguments: '{"city":"simulated","days":1}' } });

    let streamed = '';
    const stream = await gateway.client.chat.completions.create({ ...body, stream: true });
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    expect(JSON.parse(streamed)).toEqual({ city: 'simulated', days: 1 });

    const after = await gateway.client.chat.completions.create({
      ...body,
      messages: [
        ...hello,
        { role: 'assistant', tool_calls: [call as never] },
        { role: 'tool', tool_call_id: call?.id ?? '', content: 'Sunny' },
      ],
    });
    expect(after.choices[0]?.message.content).toContain('Sunny');
  });

  it('gets structured output that fits the schema', async () => {
    const schema = {
      type: 'object',
      properties: { steps: { type: 'array', items: { $ref: '#/$defs/step' } }, done: { type: 'boolean' } },
      required: ['steps', 'done'],
      $defs: { step: { type: 'object', properties: { kind: { enum: ['add', 'drop'] } }, required: ['kind'] } },
    };
    const answer = await gateway.client.chat.completions.parse({
      model: 'gpt-4o-mini',
      messages: hello,
      response_format: { type: 'json_schema', json_schema: { name: 'plan', schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ steps: [{ kind: 'add' }], done: true });
  });

  it('raises the error classes its users catch', async () => {
    const ask = (model: string, content: string, client = gateway.client) =>
      client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    const stranger = new OpenAI({ apiKey: 'hg_nobody', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    await expect(ask('gpt-4o-mini', 'hi', stranger)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(ask('no-such-model', 'hi')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
    });
    await expect(ask('gpt-4o-mini', 'simulate:status=429')).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(ask('gpt-4o-mini', 'simulate:status=500')).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    await expect(ask('gpt-4o-mini', 'simulate:status=400')).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  it('sees a stream that breaks as an error, after the words that came before', async () => {
    const stream = await gateway.client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'simulate:cut=4' }],
      stream: true,
    });
    let content = '';
    const read = async () => {
      for await (const chunk of stream) content += chunk.choices[0]?.delta.content ?? '';
    };
    await expect(read()).rejects.toMatchObject({ code: 'provider_failed' });
    expect(content).toBe('This is a simulated');
  });

  it('stops a stream it aborts, and the account pays for what was relayed', async () => {
    const slow = await startGatewayUnderTest({ tokenMs: 20 });
    const controller = new AbortController();
    const stream = await slow.client.chat.completions.create(
      { model: 'gpt-4o-mini', messages: hello, stream: true },
      { signal: controller.signal },
    );
    let chunks = 0;
    for await (const _chunk of stream) {
      chunks += 1;
      if (chunks === 5) controller.abort();
    }
    await expect.poll(() => slow.events()).toHaveLength(1);
    const [event] = await slow.events();
    expect(event).toMatchObject({ outcome: 'client_closed', errorCode: 'client_closed', usage: { estimated: true } });
    expect(event?.usage.textOutputTokens).toBeGreaterThanOrEqual(4);
    await slow.close();
  });

  it('lists the configured models', async () => {
    const models = await gateway.client.models.list();
    expect(models.data.map((model) => model.id)).toContain('openai/gpt-4o-mini');
    expect(models.data.length).toBeGreaterThan(20);
  });
});
