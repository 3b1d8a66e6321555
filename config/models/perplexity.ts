import type { ModelEntry } from './model-entry.ts';

/** Perplexity's models, which search the web before they answer and call no functions. */
export const perplexityModels = {
  'perplexity/sonar': {
    provider: 'perplexity',
    upstreamName: 'sonar',
    contextWindowTokens: 128_000,
    maxOutputTokens: 128_000,
    inputs: ['text'],
    tools: false,
    jsonSchema: true,
    searches: true,
  },
  'perplexity/sonar-pro': {
    provider: 'perplexity',
    upstreamName: 'sonar-pro',
    contextWindowTokens: 200_000,
    maxOutputTokens: 8_000,
    inputs: ['text'],
    tools: false,
    jsonSchema: true,
    searches: true,
  },
  // Its answers begin with its reasoning, in <think> tags.
  'perplexity/sonar-reasoning-pro': {
    provider: 'perplexity',
    upstreamName: 'sonar-reasoning-pro',
    contextWindowTokens: 128_000,
    maxOutputTokens: 128_000,
    inputs: ['text'],
    tools: false,
    jsonSchema: false,
    searches: true,
  },
} as const satisfies Record<string, ModelEntry>;
