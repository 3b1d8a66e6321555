import type { Model } from '../lambda/core/configuration.ts';
import type { ProviderId } from './providers.ts';

interface ModelEntry extends Omit<Model, 'price'> {
  provider: ProviderId;
}

/** The models on offer, by id: `<provider>/<name>`. Their prices lie in `prices.json`, which `npm run fix` makes. */
export const models = {
  'openai/gpt-4o': { provider: 'openai', upstreamName: 'gpt-4o', contextWindowTokens: 128_000 },
  'openai/gpt-4o-mini': { provider: 'openai', upstreamName: 'gpt-4o-mini', contextWindowTokens: 128_000 },
  'openai/gpt-4.1': { provider: 'openai', upstreamName: 'gpt-4.1', contextWindowTokens: 1_047_576 },
  'openai/gpt-4.1-mini': { provider: 'openai', upstreamName: 'gpt-4.1-mini', contextWindowTokens: 1_047_576 },
  'openai/gpt-4.1-nano': { provider: 'openai', upstreamName: 'gpt-4.1-nano', contextWindowTokens: 1_047_576 },
  'openai/gpt-5.1': { provider: 'openai', upstreamName: 'gpt-5.1', contextWindowTokens: 400_000 },
  'openai/gpt-5-mini': { provider: 'openai', upstreamName: 'gpt-5-mini', contextWindowTokens: 400_000 },
  'openai/o4-mini': { provider: 'openai', upstreamName: 'o4-mini', contextWindowTokens: 200_000 },
  'gemini/gemini-2.5-pro': { provider: 'gemini', upstreamName: 'gemini-2.5-pro', contextWindowTokens: 1_048_576 },
  'gemini/gemini-2.5-flash': { provider: 'gemini', upstreamName: 'gemini-2.5-flash', contextWindowTokens: 1_048_576 },
  'mistral/mistral-large': { provider: 'mistral', upstreamName: 'mistral-large-latest', contextWindowTokens: 128_000 },
  'mistral/mistral-small': { provider: 'mistral', upstreamName: 'mistral-small-latest', contextWindowTokens: 128_000 },
  'groq/llama-3.3-70b': { provider: 'groq', upstreamName: 'llama-3.3-70b-versatile', contextWindowTokens: 131_072 },
  'groq/llama-3.1-8b': { provider: 'groq', upstreamName: 'llama-3.1-8b-instant', contextWindowTokens: 131_072 },
  'groq/gpt-oss-120b': { provider: 'groq', upstreamName: 'openai/gpt-oss-120b', contextWindowTokens: 131_072 },
  'deepseek/deepseek-chat': { provider: 'deepseek', upstreamName: 'deepseek-chat', contextWindowTokens: 128_000 },
  'deepseek/deepseek-reasoner': {
    provider: 'deepseek',
    upstreamName: 'deepseek-reasoner',
    contextWindowTokens: 128_000,
  },
  'xai/grok-4': { provider: 'xai', upstreamName: 'grok-4-0709', contextWindowTokens: 256_000 },
  'xai/grok-3-mini': { provider: 'xai', upstreamName: 'grok-3-mini', contextWindowTokens: 131_072 },
  'together/llama-3.3-70b': {
    provider: 'together',
    upstreamName: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    contextWindowTokens: 131_072,
  },
  'cerebras/llama-3.3-70b': { provider: 'cerebras', upstreamName: 'llama-3.3-70b', contextWindowTokens: 128_000 },
  'perplexity/sonar': { provider: 'perplexity', upstreamName: 'sonar', contextWindowTokens: 128_000 },
} as const satisfies Record<string, ModelEntry>;

export type ModelId = keyof typeof models;

/** Other names for models. A provider's own name for a model, such as `gpt-4o-mini`, works without an entry. */
export const aliases: Readonly<Record<string, ModelId>> = {
  fast: 'groq/llama-3.1-8b',
  smart: 'openai/gpt-5.1',
};

/** The model for requests that name none, or `auto`. */
export const defaultModel: ModelId = 'openai/gpt-4o-mini';
