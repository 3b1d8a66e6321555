import type { ModelEntry } from './model-entry.ts';

/** DeepSeek's models. */
export const deepseekModels = {
  // It writes JSON when asked to, but keeps to no schema.
  'deepseek/deepseek-v4-pro': {
    provider: 'deepseek',
    upstreamName: 'deepseek-v4-pro',
    contextWindowTokens: 1_000_000,
    maxOutputTokens: 384_000,
    inputs: ['text'],
    tools: true,
    jsonSchema: false,
  },
  'deepseek/deepseek-v4-flash': {
    provider: 'deepseek',
    upstreamName: 'deepseek-v4-flash',
    contextWindowTokens: 1_000_000,
    maxOutputTokens: 384_000,
    inputs: ['text'],
    tools: true,
    jsonSchema: false,
  },
} as const satisfies Record<string, ModelEntry>;
