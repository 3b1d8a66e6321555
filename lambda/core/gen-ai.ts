import { given } from './given.ts';
import { type TokenUsage, totalInputTokens, totalOutputTokens } from './usage.ts';
import type { UsageEvent } from './usage-event.ts';

/** OpenTelemetry's names for providers, where they are not ours (registry of `gen_ai.provider.name`). */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  mistral: 'mistral_ai',
  xai: 'x_ai',
};

/** What is known of a call, or of a request that made several. */
interface GenAiFacts {
  provider?: string | undefined;
  requestModel?: string | null | undefined;
  responseModel?: string | undefined;
  isStream: boolean;
  finishReason?: string | undefined;
  usage?: TokenUsage | undefined;
  timeToFirstTokenMs?: number | undefined;
  errorCode?: string | undefined;
}

/**
 * The attributes of OpenTelemetry's semantic conventions for generative AI
 * (opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans), as far as they are known; none of them has a text of the chat.
 */
export function genAiAttributes(facts: GenAiFacts): Record<string, unknown> {
  const { provider, requestModel, responseModel, isStream, finishReason, usage, timeToFirstTokenMs, errorCode } = facts;
  const isKnown = provider !== undefined && Object.hasOwn(PROVIDER_NAMES, provider);
  return given({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': isKnown ? PROVIDER_NAMES[provider] : provider,
    'gen_ai.request.model': requestModel ?? undefined,
    'gen_ai.request.stream': isStream,
    'gen_ai.response.model': responseModel,
    'gen_ai.response.finish_reasons': finishReason === undefined ? undefined : [finishReason],
    // In seconds, as all durations there.
    'gen_ai.response.time_to_first_chunk':
      isStream && timeToFirstTokenMs !== undefined ? timeToFirstTokenMs / 1_000 : undefined,
    'gen_ai.usage.input_tokens': usage && totalInputTokens(usage),
    'gen_ai.usage.output_tokens': usage && totalOutputTokens(usage),
    'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'error.type': errorCode,
  });
}

/** The attributes of a request, from its usage event. */
export function genAiAttributesOf(event: UsageEvent): Record<string, unknown> {
  const { provider, requestedModel, model, stream, finishReason, usage, timeToFirstTokenMs, errorCode } = event;
  const names = { provider, requestModel: requestedModel, responseModel: model };
  return genAiAttributes({ ...names, isStream: stream, finishReason, usage, timeToFirstTokenMs, errorCode });
}
