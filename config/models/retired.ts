import type { ModelEntry } from './model-entry.ts';

/**
 * Models that their providers have shut down, with the day. A request for one ends in its chain; delete them once nobody
 * asks any more.
 */
export const retiredModels = {
  // 2026-10-23
  'openai/gpt-4.1-nano': {
    provider: 'openai',
    upstreamName: 'gpt-4.1-nano',
    contextWindowTokens: 1_047_576,
    maxOutputTokens: 32_768,
    inputs: ['text', 'image', 'file'],
    tools: true,
    jsonSchema: true,
  },
  // 2026-10-23
  'openai/o4-mini': {
    provider: 'openai',
    upstreamName: 'o4-mini',
    contextWindowTokens: 200_000,
    maxOutputTokens: 100_000,
    inputs: ['text', 'image', 'file'],
    tools: true,
    jsonSchema: true,
  },
  // 2026-08-16
  'groq/llama-3.3-70b': {
    provider: 'groq',
    upstreamName: 'llama-3.3-70b-versatile',
    contextWindowTokens: 131_072,
    maxOutputTokens: 32_768,
    inputs: ['text'],
    tools: true,
    jsonSchema: false,
  },
  // 2026-08-16
  'groq/llama-3.1-8b': {
    provider: 'groq',
    upstreamName: 'llama-3.1-8b-instant',
    contextWindowTokens: 131_072,
    maxOutputTokens: 131_072,
    inputs: ['text'],
    tools: true,
    jsonSchema: false,
  },
  // 2026-07-24
  'deepseek/deepseek-chat': {
    provider: 'deepseek',
    upstreamName: 'deepseek-chat',
    contextWindowTokens: 128_000,
    maxOutputTokens: 8_192,
    inputs: ['text'],
    tools: true,
    jsonSchema: false,
  },
  // 2026-07-24
  'deepseek/deepseek-reasoner': {
    provider: 'deepseek',
    upstreamName: 'deepseek-reasoner',
    contextWindowTokens: 128_000,
    maxOutputTokens: 65_536,
    inputs: ['text'],
    tools: true,
    jsonSchema: false,
  },
  // 2026-05-15
  'xai/grok-4': {
    provider: 'xai',
    upstreamName: 'grok-4-0709',
    contextWindowTokens: 256_000,
    maxOutputTokens: 256_000,
    inputs: ['text', 'image'],
    tools: true,
    jsonSchema: true,
  },
  // No longer in the list of models; no date was found.
  'xai/grok-3-mini': {
    provider: 'xai',
    upstreamName: 'grok-3-mini',
    contextWindowTokens: 131_072,
    maxOutputTokens: 131_072,
    inputs: ['text'],
    tools: true,
    jsonSchema: true,
  },
  // 2026-10-22
  'together/llama-3.3-70b': {
    provider: 'together',
    upstreamName: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    contextWindowTokens: 131_072,
    maxOutputTokens: 131_072,
    inputs: ['text'],
    tools: true,
    jsonSchema: true,
  },
  // 2026-02-16
  'cerebras/llama-3.3-70b': {
    provider: 'cerebras',
    upstreamName: 'llama-3.3-70b',
    contextWindowTokens: 128_000,
    maxOutputTokens: 128_000,
    inputs: ['text'],
    tools: true,
    jsonSchema: false,
  },
} as const satisfies Record<string, ModelEntry>;
