import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    overrides: {
      providers: {
        crowelogic: {
          wire: 'openai',
          baseUrl: 'http://10.0.0.5/v1',
          maxTokensField: 'max_tokens',
          takesStreamOptions: true,
          needsKey: false,
        },
      },
      models: {
        'crowelogic/mini': {
          provider: 'crowelogic',
          upstreamName: 'mini',
          contextWindowTokens: 32_000,
          price: { inputPerMillion: 0.1, outputPerMillion: 0.4 },
        },
      },
    },
  });
});
afterAll(() => gateway.close());

describe('GET /v1/models', () => {
  it("shows what each model can do and costs beside OpenAI's fields", async () => {
    const response = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${API_KEY}` } });
    const { object, data } = await bodyOf(response);
    expect(object).toBe('list');
    const shown = new Map<string, unknown>(data.map((model: { id: string }) => [model.id, model]));
    expect(shown.get('openai/gpt-4o')).toEqual({
      id: 'openai/gpt-4o',
      object: 'model',
      created: 0,
      owned_by: 'openai',
      context_window: 128_000,
      max_output_tokens: 16_384,
      modalities: ['text', 'image', 'file'],
      tools: true,
      json_schema: true,
      usd_per_million_tokens: { input: 2.5, output: 10, cache_read: 1.25 },
    });
    expect(shown.get('gemini/gemini-2.5-pro')).toMatchObject({
      usd_per_million_tokens: { input: 1.25, output: 10, cache_read: 0.125 },
      usd_per_million_tokens_above: [{ input_tokens: 200_000, input: 2.5, output: 15, cache_read: 0.25 }],
    });
    expect(shown.get('perplexity/sonar')).toMatchObject({ tools: false, usd_per_thousand_requests: 12 });
    // What an operator's own model leaves out has its default.
    expect(shown.get('crowelogic/mini')).toEqual({
      id: 'crowelogic/mini',
      object: 'model',
      created: 0,
      owned_by: 'crowelogic',
      context_window: 32_000,
      max_output_tokens: null,
      modalities: ['text'],
      tools: true,
      json_schema: true,
      usd_per_million_tokens: { input: 0.1, output: 0.4 },
    });
  });

  it('is what an OpenAI client lists', async () => {
    const listed = await gateway.client.models.list();
    expect(listed.data.length).toBeGreaterThan(34);
  });
});
