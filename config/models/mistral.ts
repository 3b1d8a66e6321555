import type { ModelEntry } from './model-entry.ts';

/** Mistral's models. */
export const mistralModels = {
  // Dated names: the price of a `-latest` changes without notice.
  'mistral/mistral-large': {
    provider: 'mistral',
    upstreamName: 'mistral-large-2512',
    contextWindowTokens: 262_144,
    maxOutputTokens: 262_144,
    inputs: ['text', 'image'],
    tools: true,
    jsonSchema: true,
  },
  'mistral/mistral-medium': {
    provider: 'mistral',
    upstreamName: 'mistral-medium-3-5',
    contextWindowTokens: 262_144,
    maxOutputTokens: 262_144,
    inputs: ['text', 'image'],
    tools: true,
    jsonSchema: true,
  },
  'mistral/mistral-small': {
    provider: 'mistral',
    upstreamName: 'mistral-small-2603',
    contextWindowTokens: 262_144,
    maxOutputTokens: 262_144,
    inputs: ['text', 'image'],
    tools: true,
    jsonSchema: true,
  },
  'mistral/codestral': {
    provider: 'mistral',
    upstreamName: 'codestral-2508',
    contextWindowTokens: 256_000,
    maxOutputTokens: 256_000,
    inputs: ['text'],
    tools: true,
    jsonSchema: true,
  },
} as const satisfies Record<string, ModelEntry>;
