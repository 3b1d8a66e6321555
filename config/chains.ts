import type { ModelId } from './models.ts';

/**
 * For each model, those that may answer in its place when it cannot, in order: of its class, at more than one provider,
 * and none twice. A list is followed as it stands: the chains of the models in it are not added, so nothing can go round
 * in circles.
 */
export const chains = {
  'openai/gpt-6-astra': ['anthropic/claude-fable-5-1', 'anthropic/claude-opus-5-5', 'openai/gpt-6-sol'],
  'openai/gpt-6-sol': ['openai/gpt-5.6-terra', 'anthropic/claude-sonnet-5', 'xai/grok-4.6'],
  'openai/gpt-6-luna': ['openai/gpt-5.6-luna', 'gemini/gemini-3.5-flash-lite', 'mistral/mistral-small'],
  'openai/gpt-5.6-sol': ['openai/gpt-6-sol', 'anthropic/claude-opus-5-5', 'xai/grok-4.6'],
  'openai/gpt-5.6-terra': ['openai/gpt-6-sol', 'anthropic/claude-sonnet-5', 'gemini/gemini-3.8-flash'],
  'openai/gpt-5.6-luna': ['openai/gpt-6-luna', 'gemini/gemini-3.5-flash-lite', 'mistral/mistral-small'],
  'openai/gpt-5.4-mini': ['openai/gpt-6-luna', 'gemini/gemini-3.8-flash', 'anthropic/claude-haiku-4-5'],
  'openai/gpt-5.1': ['openai/gpt-6-sol', 'anthropic/claude-sonnet-5', 'gemini/gemini-3.8-flash'],
  'openai/gpt-5-mini': ['openai/gpt-6-luna', 'gemini/gemini-3.5-flash-lite', 'anthropic/claude-haiku-4-5'],
  'openai/gpt-4.1': ['openai/gpt-6-sol', 'anthropic/claude-sonnet-5', 'gemini/gemini-3.8-flash'],
  'openai/gpt-4.1-mini': ['openai/gpt-6-luna', 'gemini/gemini-3.5-flash-lite', 'openai/gpt-5.4-mini'],
  'openai/gpt-4o': ['openai/gpt-4o-mini', 'anthropic/claude-sonnet-5'],
  'openai/gpt-4o-mini': ['openai/gpt-6-luna', 'gemini/gemini-3.5-flash-lite', 'anthropic/claude-haiku-4-5'],

  'anthropic/claude-fable-5-1': ['anthropic/claude-opus-5-5', 'openai/gpt-6-astra', 'openai/gpt-6-sol'],
  'anthropic/claude-opus-5-5': ['anthropic/claude-opus-4-8', 'openai/gpt-6-astra', 'anthropic/claude-sonnet-5'],
  'anthropic/claude-opus-4-8': ['anthropic/claude-opus-5-5', 'openai/gpt-6-sol', 'xai/grok-4.6'],
  'anthropic/claude-sonnet-5': ['anthropic/claude-sonnet-4-6', 'openai/gpt-6-sol', 'gemini/gemini-3.8-flash'],
  'anthropic/claude-sonnet-4-6': ['anthropic/claude-sonnet-5', 'openai/gpt-6-sol', 'gemini/gemini-3.8-flash'],
  'anthropic/claude-sonnet-4-5': ['anthropic/claude-sonnet-5', 'openai/gpt-6-sol', 'gemini/gemini-3.8-flash'],
  'anthropic/claude-haiku-4-5': ['openai/gpt-5.4-mini', 'gemini/gemini-3.8-flash', 'anthropic/claude-sonnet-5'],

  'gemini/gemini-3.8-flash': ['gemini/gemini-3.5-flash', 'anthropic/claude-sonnet-5', 'openai/gpt-5.6-terra'],
  'gemini/gemini-3.5-flash': ['gemini/gemini-3.8-flash', 'anthropic/claude-sonnet-5', 'openai/gpt-5.6-terra'],
  'gemini/gemini-3.5-flash-lite': ['gemini/gemini-3.8-flash', 'openai/gpt-6-luna', 'mistral/mistral-small'],
  'gemini/gemini-2.5-pro': ['gemini/gemini-3.8-flash', 'anthropic/claude-sonnet-5', 'openai/gpt-6-sol'],
  'gemini/gemini-2.5-flash': ['gemini/gemini-3.5-flash-lite', 'openai/gpt-6-luna', 'mistral/mistral-small'],

  'mistral/mistral-large': ['mistral/mistral-medium', 'openai/gpt-5.6-terra', 'fireworks/minimax-m3'],
  'mistral/mistral-medium': ['mistral/mistral-large', 'anthropic/claude-sonnet-5', 'openai/gpt-5.6-terra'],
  'mistral/mistral-small': ['openai/gpt-6-luna', 'gemini/gemini-3.5-flash-lite', 'mistral/mistral-large'],
  'mistral/codestral': ['mistral/mistral-medium', 'deepseek/deepseek-v4-flash', 'openai/gpt-5.6-luna'],

  'xai/grok-4.6': ['xai/grok-4.5', 'openai/gpt-6-sol', 'anthropic/claude-sonnet-5'],
  'xai/grok-4.5': ['xai/grok-4.6', 'openai/gpt-6-sol', 'anthropic/claude-sonnet-5'],
  'xai/grok-4.3': ['xai/grok-4.5', 'gemini/gemini-3.8-flash', 'openai/gpt-5.6-terra'],

  'deepseek/deepseek-v4-pro': ['together/glm-5.3', 'fireworks/kimi-k3', 'deepseek/deepseek-v4-flash'],
  'deepseek/deepseek-v4-flash': ['fireworks/qwen3.7-plus', 'openai/gpt-6-luna', 'deepseek/deepseek-v4-pro'],

  'groq/gpt-oss-120b': ['cerebras/gpt-oss-120b', 'together/gpt-oss-120b', 'bedrock/gpt-oss-120b'],
  'groq/gpt-oss-20b': ['groq/gpt-oss-120b', 'openai/gpt-6-luna', 'bedrock/gpt-oss-20b'],
  'cerebras/gpt-oss-120b': ['groq/gpt-oss-120b', 'together/gpt-oss-120b', 'bedrock/gpt-oss-120b'],
  'bedrock/gpt-oss-120b': ['groq/gpt-oss-120b', 'together/gpt-oss-120b', 'cerebras/gpt-oss-120b'],
  'bedrock/gpt-oss-20b': ['groq/gpt-oss-20b', 'bedrock/gpt-oss-120b', 'groq/gpt-oss-120b'],
  'together/gpt-oss-120b': ['groq/gpt-oss-120b', 'cerebras/gpt-oss-120b', 'bedrock/gpt-oss-120b'],
  'together/glm-5.3': ['openrouter/glm-5.3', 'deepseek/deepseek-v4-pro', 'openai/gpt-5.6-terra'],
  'fireworks/kimi-k3': ['anthropic/claude-sonnet-5', 'openai/gpt-6-sol', 'fireworks/minimax-m3'],
  'fireworks/minimax-m3': ['fireworks/qwen3.7-plus', 'gemini/gemini-3.5-flash-lite', 'mistral/mistral-large'],
  'fireworks/qwen3.7-plus': ['openrouter/qwen3.7-plus', 'fireworks/minimax-m3', 'gemini/gemini-3.5-flash-lite'],
  'openrouter/glm-5.3': ['together/glm-5.3', 'deepseek/deepseek-v4-pro', 'openai/gpt-5.6-terra'],
  'openrouter/qwen3.7-max': ['openrouter/qwen3.7-plus', 'together/glm-5.3', 'openai/gpt-5.6-terra'],
  'openrouter/qwen3.7-plus': ['fireworks/qwen3.7-plus', 'gemini/gemini-3.5-flash-lite', 'openai/gpt-5.6-luna'],

  // Only Perplexity's search the web. The last of each answers from what it learned.
  'perplexity/sonar': ['perplexity/sonar-pro', 'gemini/gemini-3.5-flash-lite'],
  'perplexity/sonar-pro': ['perplexity/sonar', 'gemini/gemini-3.8-flash'],
  'perplexity/sonar-reasoning-pro': ['perplexity/sonar-pro', 'openai/gpt-5.6-terra'],

  'cohere/command-a': ['mistral/mistral-large', 'openai/gpt-5.6-terra', 'anthropic/claude-sonnet-5'],
  'cohere/command-r7b': ['mistral/mistral-small', 'openai/gpt-6-luna', 'cohere/command-a'],
} as const satisfies Partial<Record<ModelId, readonly ModelId[]>>;
