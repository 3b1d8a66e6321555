import type { ModelEntry } from './model-entry.ts';

/** Cohere's models. */
export const cohereModels = {
  'cohere/command-a': {
    provider: 'cohere',
    upstreamName: 'command-a-03-2025',
    contextWindowTokens: 256_000,
    maxOutputTokens: 8_000,
    inputs: ['text'],
    tools: true,
    jsonSchema: true,
  },
  'cohere/command-r7b': {
    provider: 'cohere',
    upstreamName: 'command-r7b-12-2024',
    contextWindowTokens: 128_000,
    maxOutputTokens: 4_000,
    inputs: ['text'],
    tools: true,
    jsonSchema: true,
  },
} as const satisfies Record<string, ModelEntry>;
