import { isJsonObject, type JsonObject } from './json-body.ts';

/** Tokens of one answer in parts that do not overlap: the first four add up to the input, the last three to the output. */
export interface TokenUsage {
  uncachedInputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  audioInputTokens: number;
  textOutputTokens: number;
  reasoningTokens: number;
  audioOutputTokens: number;
  /** The provider reported nothing, or something impossible; the numbers are our estimate. */
  estimated: boolean;
}

/** No model reads or writes more than this in one request: a larger number is a provider's mistake. */
const IMPOSSIBLE_TOKENS = 20_000_000;

export function totalInputTokens(usage: TokenUsage): number {
  return usage.uncachedInputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.audioInputTokens;
}

export function totalOutputTokens(usage: TokenUsage): number {
  return usage.textOutputTokens + usage.reasoningTokens + usage.audioOutputTokens;
}

/** A usage of plain text, marked as estimated. */
export function estimatedUsage(inputTokens: number, outputTokens: number): TokenUsage {
  return {
    uncachedInputTokens: inputTokens,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    audioInputTokens: 0,
    textOutputTokens: outputTokens,
    reasoningTokens: 0,
    audioOutputTokens: 0,
    estimated: true,
  };
}

/**
 * The `usage` object of an OpenAI-shaped answer in our parts, or undefined when it is missing or impossible.
 * Differences between providers that matter for the bill:
 * - DeepSeek names its cache hits `prompt_cache_hit_tokens`;
 * - xAI and Gemini leave reasoning out of `completion_tokens` and only count it in `total_tokens`.
 */
export function readOpenAiUsage(usage: unknown): TokenUsage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const input = tokenCount(usage.prompt_tokens);
  const completion = tokenCount(usage.completion_tokens);
  if (input === undefined || completion === undefined) return undefined;
  const inputDetails = isJsonObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const outputDetails = isJsonObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};

  const unlisted = Math.max(0, (tokenCount(usage.total_tokens) ?? 0) - input - completion);
  const output = completion + unlisted;
  const cacheRead = atMost(input, tokenCount(inputDetails.cached_tokens) ?? tokenCount(usage.prompt_cache_hit_tokens));
  const cacheWrite = atMost(input - cacheRead, tokenCount(inputDetails.cache_write_tokens));
  const audioInput = atMost(input - cacheRead - cacheWrite, tokenCount(inputDetails.audio_tokens));
  const reasoning = atMost(output, Math.max(tokenCount(outputDetails.reasoning_tokens) ?? 0, unlisted));
  const audioOutput = atMost(output - reasoning, tokenCount(outputDetails.audio_tokens));
  return {
    uncachedInputTokens: input - cacheRead - cacheWrite - audioInput,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    audioInputTokens: audioInput,
    textOutputTokens: output - reasoning - audioOutput,
    reasoningTokens: reasoning,
    audioOutputTokens: audioOutput,
    estimated: false,
  };
}

/** What a provider reported, unless it reported nothing, or no output for an answer that has some. */
export function believed(reported: TokenUsage | undefined, estimate: TokenUsage): TokenUsage {
  if (!reported || (totalOutputTokens(reported) === 0 && totalOutputTokens(estimate) > 0)) return estimate;
  return reported;
}

/** Our usage in OpenAI's shape, for answers whose provider gave none. */
export function toOpenAiUsage(usage: TokenUsage): JsonObject {
  const input = totalInputTokens(usage);
  const output = totalOutputTokens(usage);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(usage.estimated ? { estimated: true } : {}),
  };
}

function tokenCount(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= IMPOSSIBLE_TOKENS
    ? (value as number)
    : undefined;
}

function atMost(limit: number, value: number | undefined): number {
  return Math.min(limit, value ?? 0);
}
