import { type ChatRequest, outputLimitOf } from '../core/chat-request.ts';
import { estimateInputTokens, estimateOutputTokens } from '../core/estimate-tokens.ts';
import { isComplete, type StreamProgress } from '../core/stream-progress.ts';
import { believed, estimatedUsage, type TokenUsage, totalOutputTokens } from '../core/usage.ts';

/** What the provider said, or an estimate that is never below what was relayed: a chunk holds at least one token. */
export function streamUsage(request: ChatRequest, progress: StreamProgress): TokenUsage {
  const { outputCharacters, contentChunks } = progress;
  const outputTokens = estimateOutputTokens(outputCharacters, contentChunks, outputLimitOf(request));
  const estimate = estimatedUsage(estimateInputTokens(request.body), outputTokens);
  const usage = believed(progress.usage, estimate);
  // A report in the middle of a stream that then broke counts only what came before it.
  return isComplete(progress) || totalOutputTokens(usage) >= outputTokens ? usage : estimate;
}
