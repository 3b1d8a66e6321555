import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const messages = [{ role: 'user', content: 'Hello, ditch.' }];

describe('POST /v2/chat', () => {
  it('answers with content, cost, usage, route and attempts', async () => {
    const response = await gateway.post('/v2/chat', { messages, user: 'u-1', tags: ['a', 'b'], timeoutMs: 5_000 });
    const body = await bodyOf(response);
    expect(body).toEqual({
      requestId: response.headers.get('x-headgate-request-id'),
      content: expect.stringContaining('Hello, ditch.'),
      model: 'openai/gpt-4o-mini',
      provider: 'openai',
      cost: expect.any(Number),
      cached: false,
      latencyMs: expect.any(Number),
      usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number), cachedTokens: 0, reasoningTokens: 0 },
      attempts: 1,
      route: { requested: null, model: 'openai/gpt-4o-mini', reason: 'default' },
      finishReason: 'stop',
    });
    expect(body.cost).toBeGreaterThan(0);
    expect(await gateway.eventOf(response)).toMatchObject({
      account: 'local',
      user: 'u-1',
      tags: ['a', 'b'],
      wire: 'headgate',
      requestedModel: null,
      costMicroDollars: Math.round(body.cost * 1_000_000),
    });
    expect(response.headers.get('x-headgate-cost-usd')).toBe(body.cost.toFixed(6));
  });

  it('streams deltas and one done event with the same object', async () => {
    const response = await gateway.post('/v2/chat', { messages, model: 'gpt-4o', stream: true });
    const events: { event: string | undefined; data: Record<string, unknown> }[] = [];
    const parser = createParser({ onEvent: ({ event, data }) => events.push({ event, data: JSON.parse(data) }) });
    parser.feed(await response.text());
    const done = events.at(-1);
    expect(done?.event).toBe('done');
    expect(events.slice(0, -1).every(({ event }) => event === 'delta')).toBe(true);
    expect(
      events
        .slice(0, -1)
        .map(({ data }) => data.content)
        .join(''),
    ).toBe(done?.data.content);
    expect(done?.data).toMatchObject({ model: 'openai/gpt-4o', finishReason: 'stop', attempts: 1 });
  });

  it('ends a stream that breaks with an error event', async () => {
    const broken = [{ role: 'user', content: 'simulate:error=4' }];
    const text = await (await gateway.post('/v2/chat', { messages: broken, stream: true })).text();
    expect(text).toMatch(/event: delta/);
    expect(text).toMatch(/event: error\ndata: \{"error":\{.*"code":"provider_invalid_answer".*\n\n$/);
    expect(text).not.toContain('event: done');
  });

  it('limits the tokens of an answer', async () => {
    const body = await bodyOf(await gateway.post('/v2/chat', { messages, maxTokens: 2 }));
    expect(body).toMatchObject({ content: 'This is', finishReason: 'length', usage: { outputTokens: 2 } });
  });

  it('takes the first model within a price ceiling, or says that none is', async () => {
    const cheap = { messages, model: 'gpt-4o', fallbacks: ['gpt-6-luna'], maxCostPer1MTokens: 1 };
    const body = await bodyOf(await gateway.post('/v2/chat', cheap));
    expect(body).toMatchObject({ model: 'openai/gpt-6-luna', attempts: 1 });
    expect(body.route).toEqual({
      requested: 'gpt-4o',
      model: 'openai/gpt-6-luna',
      reason: 'within the price ceiling',
      skipped: [{ modelId: 'openai/gpt-4o', reason: 'price_ceiling' }],
    });
    const refused = await gateway.post('/v2/chat', { ...cheap, maxCostPer1MTokens: 0.01 });
    expect(refused.status).toBe(400);
    expect((await bodyOf(refused)).error).toMatchObject({ code: 'price_ceiling', param: 'maxCostPer1MTokens' });
  });

  it('falls back to the models it names', async () => {
    const failing = [{ role: 'user', content: 'simulate:status=500' }];
    const response = await gateway.post('/v2/chat', { messages: failing, fallbacks: ['gpt-4o', 'gpt-6-luna'] });
    expect(response.status).toBe(502);
    expect(response.headers.get('x-headgate-attempts')).toBe('3');
  });
});
