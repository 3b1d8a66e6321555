import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { type Planning, planChain } from '../../lambda/core/chain.ts';
import type { ChatRequest, RequestOptions } from '../../lambda/core/chat-request.ts';
import type { Configuration } from '../../lambda/core/configuration.ts';

const request = (model: string | undefined, options: RequestOptions = {}): ChatRequest => ({
  model,
  stream: false,
  streamOptions: {},
  body: { messages: [{ role: 'user', content: 'x' }] },
  maxTokens: undefined,
  options,
});
const once: Configuration = { ...configuration, chains: {}, retry: { ...configuration.retry, attempts: 1 } };
const planning: Planning = {
  mayUse: () => true,
  isDown: () => false,
  hasKey: () => true,
  previousModel: undefined,
  random: () => 0.5,
};
const planned = (model: string | undefined, options?: RequestOptions) => {
  const { steps, route } = planChain(request(model, options), once, planning);
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
    expect(planned('claude-sonnet-5').models).toEqual(['anthropic/claude-sonnet-5']);
    expect(() => planned('openai/gpt-oss-120b')).toThrow('names no model');
  });

  it('tries each fallback once, in order', () => {
    const fallbacks = ['gpt-4o', 'groq/gpt-oss-20b', 'openai/gpt-4o', 'fast'];
    expect(planned('openai/gpt-4o', { fallbacks }).models).toEqual(['openai/gpt-4o', 'groq/gpt-oss-20b']);
  });

  it('leaves out what is above the price ceiling', () => {
    const options = { fallbacks: ['openai/gpt-6-luna'], maxCostPer1MTokens: 0.5 };
    expect(planned('openai/gpt-4o', options)).toEqual({
      models: ['openai/gpt-6-luna'],
      reason: 'within the price ceiling',
    });
    expect(() => planned('openai/gpt-4o', { maxCostPer1MTokens: 0.5 })).toThrow('maxCostPer1MTokens');
  });
});
