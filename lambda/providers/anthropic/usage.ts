import { isJsonObject, type JsonObject } from '../../core/json-body.ts';

/**
 * Anthropic's `usage` in OpenAI's shape, in tokens, or undefined when it is missing or cannot be. Anthropic counts what it
 * reads from and writes to its cache beside `input_tokens` (Anthropic API reference, Messages); OpenAI's prompt is all.
 */
export function openAiUsageOf(usage: unknown): JsonObject | undefined {
  if (!isJsonObject(usage)) return undefined;
  const input = tokenCount(usage.input_tokens);
  const output = tokenCount(usage.output_tokens);
  const cacheRead = tokenCount(usage.cache_read_input_tokens ?? 0);
  const cacheWrite = tokenCount(usage.cache_creation_input_tokens ?? 0);
  if (input === undefined || output === undefined || cacheRead === undefined || cacheWrite === undefined) {
    return undefined;
  }
  const details = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const prompt = input + cacheRead + cacheWrite;
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    completion_tokens_details: { reasoning_tokens: Math.min(output, tokenCount(details.thinking_tokens) ?? 0) },
  };
}

function tokenCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
