import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { planChain } from '../../lambda/core/chain.ts';
import type { ChatRequest, RequestOptions } from '../../lambda/core/chat-request.ts';

const request = (model: string | undefined, options: RequestOptions = {}): ChatRequest => ({
  model,
  stream: false,
  streamOptions: {},
  body: { messages: [{ role: 'user', content: 'x' }] },
  maxTokens: undefined,
  options,
});
const planned = (model: string | undefined, options?: RequestOptions) => {
  const { steps, route } = planChain(request(model, options), configuration, () => true);
  return { models: steps.map((step) => step.modelId), reason: route.reason };
};

describe('planChain', () => {
  it('takes a model by its id, by an alias, or by the name its only provider gives it', () => {
    expect(planned('openai/gpt-4o')).toEqual({ models: ['openai/gpt-4o'], reason: 'requested' });
    expect(planned('gpt-4o')).toEqual({ models: ['openai/gpt-4o'], reason: 'alias' });
    expect(planned('smart')).toEqual({ models: ['openai/gpt-6-sol'], reason: 'alias' });
  });

  it('takes the default for auto and for none', () => {
    expect(planned(undefined)).toEqual({ models: ['openai/gpt-4o-mini'], reason: 'default' });
    expect(planned('auto')).toEqual({ models: ['openai/gpt-4o-mini'], reason: 'default' });
  });

  it('does not guess between two providers of one name', () => {
    expect(() => planned('llama-3.3-70b')).not.toThrow();
    const twice = {
      ...configuration,
      models: {
        ...configuration.models,
        'groq/x': { ...configuration.models['openai/gpt-4o'], provider: 'groq' } as never,
      },
    };
    expect(() => planChain(request('gpt-4o'), twice, () => true)).toThrow('names no model');
  });

  it('tries each fallback once, in order', () => {
    const fallbacks = ['gpt-4o', 'groq/gpt-oss-20b', 'openai/gpt-4o', 'fast'];
    expect(planned('openai/gpt-4o', { fallbacks }).models).toEqual(['openai/gpt-4o', 'groq/gpt-oss-20b']);
  });

  it('leaves out what is above the price ceiling', () => {
    const options = { fallbacks: ['openai/gpt-4.1-nano'], maxCostPer1MTokens: 0.5 };
    expect(planned('openai/gpt-4o', options)).toEqual({
      models: ['openai/gpt-4.1-nano'],
      reason: 'within the price ceiling',
    });
    expect(() => planned('openai/gpt-4o', { maxCostPer1MTokens: 0.5 })).toThrow('maxCostPer1MTokens');
  });
});
