import type { Provider } from '../lambda/core/configuration.ts';

/** What most providers of the OpenAI wire have in common. */
const OPENAI_WIRE = {
  wire: 'openai',
  maxTokensField: 'max_tokens',
  takesStreamOptions: true,
  needsKey: true,
} as const;

/**
 * The providers. Locally `<ID>_API_KEY` gives a provider its key and `<ID>_BASE_URL` another address; deployed, keys lie
 * in one secret by provider id. A server of your own is one entry: its baseUrl, and `needsKey: false` if it is open.
 * docs/providers.md has what is peculiar to each.
 */
export const providers = {
  openai: { ...OPENAI_WIRE, baseUrl: 'https://api.openai.com/v1', maxTokensField: 'max_completion_tokens' },
  anthropic: { ...OPENAI_WIRE, wire: 'anthropic', baseUrl: 'https://api.anthropic.com/v1', keyHeader: 'x-api-key' },
  // Every customer has a host of their own. No model may name this provider while the placeholder stands here.
  azure: {
    ...OPENAI_WIRE,
    baseUrl: 'https://YOUR-RESOURCE.openai.azure.com/openai/v1',
    maxTokensField: 'max_completion_tokens',
    keyHeader: 'api-key',
  },
  bedrock: {
    ...OPENAI_WIRE,
    baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1',
    maxTokensField: 'max_completion_tokens',
    awsService: 'bedrock',
    region: 'us',
  },
  gemini: { ...OPENAI_WIRE, baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai' },
  mistral: { ...OPENAI_WIRE, baseUrl: 'https://api.mistral.ai/v1', takesStreamOptions: false, region: 'eu' },
  groq: { ...OPENAI_WIRE, baseUrl: 'https://api.groq.com/openai/v1', maxTokensField: 'max_completion_tokens' },
  deepseek: { ...OPENAI_WIRE, baseUrl: 'https://api.deepseek.com/v1' },
  xai: { ...OPENAI_WIRE, baseUrl: 'https://api.x.ai/v1', maxTokensField: 'max_completion_tokens' },
  together: { ...OPENAI_WIRE, baseUrl: 'https://api.together.xyz/v1' },
  fireworks: { ...OPENAI_WIRE, baseUrl: 'https://api.fireworks.ai/inference/v1' },
  openrouter: { ...OPENAI_WIRE, baseUrl: 'https://openrouter.ai/api/v1' },
  cerebras: { ...OPENAI_WIRE, baseUrl: 'https://api.cerebras.ai/v1', maxTokensField: 'max_completion_tokens' },
  perplexity: { ...OPENAI_WIRE, baseUrl: 'https://api.perplexity.ai', takesStreamOptions: false },
  cohere: { ...OPENAI_WIRE, baseUrl: 'https://api.cohere.ai/compatibility/v1', takesStreamOptions: false },
} as const satisfies Record<string, Provider>;

export type ProviderId = keyof typeof providers;
