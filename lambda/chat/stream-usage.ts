import { type ChatRequest, outputLimitOf } from '../core/chat-request.ts';
import { estimateInputTokens, estimateOutputTokens } from '../core/estimate-tokens.ts';
import { isComplete, type StreamProgress } from '../core/stream-progress.ts';
import {
  believed,
  estimatedUsage,
  servedAt,
  serviceTierIn,
  type TokenUsage,
  totalOutputTokens,
} from '../core/usage.ts';

/** What a provider may bill of a call that was given up before its first content: the input, at least. */
export function givenUpUsage({ body }: ChatRequest): TokenUsage {
  return servedAt(estimatedUsage(estimateInputTokens(body), 0), serviceTierIn(body));
}

/** What the provider said, or an estimate that is never below what was relayed: a chunk holds at least one token. */
export function streamUsage(request: ChatRequest, progress: StreamProgress): TokenUsage {
  const { outputCharacters, contentChunks } = progress;
  const outputTokens = estimateOutputTokens(outputCharacters, contentChunks, outputLimitOf(request));
  const estimate = estimatedUsage(estimateInputTokens(request.body), outputTokens);
  const usage = believed(progress.usage, estimate);
  // A report in the middle of a stream that then broke counts only what came before it.
  const counted = isComplete(progress) || totalOutputTokens(usage) >= outputTokens ? usage : estimate;
  return servedAt(counted, serviceTierIn({ service_tier: progress.serviceTier }));
}
