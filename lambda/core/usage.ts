import { isJsonObject, type JsonObject } from './json-body.ts';

/** Tokens of one answer in parts that do not overlap: the first five add up to the input, the last three to the output. */
export interface TokenUsage {
  uncachedInputTokens: number;
  cacheReadTokens: number;
  /** Kept by the provider for as long as it does unasked (Anthropic: 5 minutes). */
  cacheWriteTokens: number;
  /** Kept for an hour. Absent where there are none, as in everything written before they were told apart. */
  cacheWrite1hTokens?: number;
  audioInputTokens: number;
  textOutputTokens: number;
  reasoningTokens: number;
  audioOutputTokens: number;
  /** The provider reported nothing, or something impossible; the numbers are our estimate. */
  estimated: boolean;
  /** How the provider served it, by its own name, where that is not its ordinary way: the price may be another. */
  serviceTier?: string;
  /** What the provider says it asks for the request itself, micro-dollars, beside its tokens. */
  requestFeeMicroDollars?: number;
}

/** No model reads or writes more than this in one request: a larger number is a provider's mistake. */
const IMPOSSIBLE_TOKENS = 20_000_000;

/** Longer than any tier's name. */
const MAXIMUM_TIER_LENGTH = 32;

export function totalInputTokens(usage: TokenUsage): number {
  const { uncachedInputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens = 0, audioInputTokens } = usage;
  return uncachedInputTokens + cacheReadTokens + cacheWriteTokens + cacheWrite1hTokens + audioInputTokens;
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
 * - DeepSeek names its cache hits `prompt_cache_hit_tokens`, Together `cached_tokens` beside the totals;
 * - xAI and Gemini leave reasoning out of `completion_tokens` and only count it in `total_tokens`;
 * - Perplexity has `reasoning_tokens` beside the totals, and what it asks for the request under `cost`;
 * - images are part of `prompt_tokens` everywhere, at the price of text.
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
  // The same tokens, by whichever names.
  const hits = [inputDetails.cached_tokens, usage.prompt_cache_hit_tokens, usage.cached_tokens];
  const cacheRead = atMost(input, Math.max(...hits.map((tokens) => tokenCount(tokens) ?? 0)));
  const written = atMost(input - cacheRead, tokenCount(inputDetails.cache_write_tokens));
  const written1h = atMost(written, tokenCount(inputDetails.cache_write_1h_tokens));
  const audioInput = atMost(input - cacheRead - written, tokenCount(inputDetails.audio_tokens));
  const thought = tokenCount(outputDetails.reasoning_tokens) ?? tokenCount(usage.reasoning_tokens) ?? 0;
  const reasoning = atMost(output, Math.max(thought, unlisted));
  const audioOutput = atMost(output - reasoning, tokenCount(outputDetails.audio_tokens));
  return {
    uncachedInputTokens: input - cacheRead - written - audioInput,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: written - written1h,
    ...(written1h > 0 ? { cacheWrite1hTokens: written1h } : {}),
    audioInputTokens: audioInput,
    textOutputTokens: output - reasoning - audioOutput,
    reasoningTokens: reasoning,
    audioOutputTokens: audioOutput,
    estimated: false,
    ...requestFeeIn(usage),
  };
}

/** No request costs more by itself, dollars: a larger number is a provider's mistake. */
const IMPOSSIBLE_FEE = 10;

function requestFeeIn({ cost }: JsonObject): Pick<TokenUsage, 'requestFeeMicroDollars'> {
  const fee = isJsonObject(cost) ? cost.request_cost : undefined;
  if (typeof fee !== 'number' || !(fee >= 0 && fee <= IMPOSSIBLE_FEE)) return {};
  return { requestFeeMicroDollars: Math.round(fee * 1_000_000) };
}

/** The names providers have for how they serve whoever asks for nothing else; an `auto` is answered by another name. */
const ORDINARY_TIERS: readonly unknown[] = ['default', 'standard', 'standard_only', 'on_demand', 'auto', ''];

/** A service tier, as a request or an answer of OpenAI's shape has it; undefined for the ordinary one. */
export function serviceTierIn({ service_tier: tier }: JsonObject): string | undefined {
  return typeof tier === 'string' && !ORDINARY_TIERS.includes(tier) ? tier.slice(0, MAXIMUM_TIER_LENGTH) : undefined;
}

/** The usage with the tier it is billed at. */
export function servedAt(usage: TokenUsage, serviceTier: string | undefined): TokenUsage {
  return serviceTier === undefined ? usage : { ...usage, serviceTier };
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
