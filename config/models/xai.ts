import type { ModelEntry } from './model-entry.ts';

/** xAI's models. */
export const xaiModels = {
  'xai/grok-4.6': {
    provider: 'xai',
    upstreamName: 'grok-4.6',
    contextWindowTokens: 500_000,
    maxOutputTokens: 500_000,
    inputs: ['text', 'image'],
    tools: true,
    jsonSchema: true,
  },
  'xai/grok-4.5': {
    provider: 'xai',
    upstreamName: 'grok-4.5',
    contextWindowTokens: 500_000,
    maxOutputTokens: 500_000,
    inputs: ['text', 'image'],
    tools: true,
    jsonSchema: true,
  },
  'xai/grok-4.3': {
    provider: 'xai',
    upstreamName: 'grok-4.3',
    contextWindowTokens: 1_000_000,
    maxOutputTokens: 1_000_000,
    inputs: ['text', 'image'],
    tools: true,
    jsonSchema: true,
  },
} as const satisfies Record<string, ModelEntry>;
