import { isJsonObject, type JsonObject } from '../../core/json-body.ts';

/**
 * Anthropic's `usage` in OpenAI's shape, in tokens, or undefined when it is missing or cannot be. Anthropic counts what it
 * reads from and writes to its cache beside `input_tokens` (Anthropic API reference, Messages); OpenAI's prompt is all. What
 * is written for an hour is part of `cache_write_tokens`, and beside it, since OpenAI has no name for it.
 */
export function openAiUsageOf(usage: unknown): JsonObject | undefined {
  if (!isJsonObject(usage)) return undefined;
  const input = tokenCount(usage.input_tokens);
  const output = tokenCount(usage.output_tokens);
  const cacheRead = tokenCount(usage.cache_read_input_tokens ?? 0);
  const creation = isJsonObject(usage.cache_creation) ? usage.cache_creation : {};
  const for1h = tokenCount(creation.ephemeral_1h_input_tokens) ?? 0;
  const for5m = tokenCount(creation.ephemeral_5m_input_tokens) ?? 0;
  const cacheWrite = tokenCount(usage.cache_creation_input_tokens ?? for5m + for1h);
  if (input === undefined || output === undefined || cacheRead === undefined || cacheWrite === undefined) {
    return undefined;
  }
  const written1h = Math.min(cacheWrite, for1h);
  const details = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const prompt = input + cacheRead + cacheWrite;
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      ...(written1h > 0 ? { cache_write_1h_tokens: written1h } : {}),
    },
    completion_tokens_details: { reasoning_tokens: Math.min(output, tokenCount(details.thinking_tokens) ?? 0) },
  };
}

/** How Anthropic served the request, where OpenAI's answers have it; nothing for its ordinary way. */
export function serviceTierOf(usage: unknown): JsonObject {
  const tier = isJsonObject(usage) ? usage.service_tier : undefined;
  return typeof tier === 'string' && tier !== 'standard' ? { service_tier: tier } : {};
}

function tokenCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
