import type { ModelEntry } from './model-entry.ts';

/** Google's models. They read files too, but not through Google's OpenAI endpoint. */
export const geminiModels = {
  'gemini/gemini-3.8-flash': {
    provider: 'gemini',
    upstreamName: 'gemini-3.8-flash',
    contextWindowTokens: 1_048_576,
    maxOutputTokens: 65_536,
    inputs: ['text', 'image', 'audio'],
    tools: true,
    jsonSchema: true,
  },
  'gemini/gemini-3.5-flash': {
    provider: 'gemini',
    upstreamName: 'gemini-3.5-flash',
    contextWindowTokens: 1_048_576,
    maxOutputTokens: 65_536,
    inputs: ['text', 'image', 'audio'],
    tools: true,
    jsonSchema: true,
  },
  'gemini/gemini-3.5-flash-lite': {
    provider: 'gemini',
    upstreamName: 'gemini-3.5-flash-lite',
    contextWindowTokens: 1_048_576,
    maxOutputTokens: 65_536,
    inputs: ['text', 'image', 'audio'],
    tools: true,
    jsonSchema: true,
  },
  // This and the next until 2026-12-01; then Google answers with gemini-3.8-flash and gemini-3.5-flash-lite.
  'gemini/gemini-2.5-pro': {
    provider: 'gemini',
    upstreamName: 'gemini-2.5-pro',
    contextWindowTokens: 1_048_576,
    maxOutputTokens: 65_536,
    inputs: ['text', 'image', 'audio'],
    tools: true,
    jsonSchema: true,
  },
  'gemini/gemini-2.5-flash': {
    provider: 'gemini',
    upstreamName: 'gemini-2.5-flash',
    contextWindowTokens: 1_048_576,
    maxOutputTokens: 65_536,
    inputs: ['text', 'image', 'audio'],
    tools: true,
    jsonSchema: true,
  },
} as const satisfies Record<string, ModelEntry>;
