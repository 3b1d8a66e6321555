import { answerHeaders } from '../answer-headers.ts';
import { outputLimitOf } from '../core/chat-request.ts';
import { estimateInputTokens, estimateOutputTokens } from '../core/estimate-tokens.ts';
import { failureOf } from '../core/next-step.ts';
import { isComplete, type StreamProgress } from '../core/stream-progress.ts';
import { believed, estimatedUsage, type TokenUsage, totalOutputTokens } from '../core/usage.ts';
import type { HttpResponse } from '../http.ts';
import type { Circuits, Clock, ModelStatistics, Observer } from '../ports.ts';
import type { StreamedAnswer } from '../workflow/attempt.ts';
import { countAnswer, countFailure } from '../workflow/count-call.ts';
import type { Lifetime } from './lifetime.ts';
import { chatResult, type ServedChat } from './served-chat.ts';
import { streamBody } from './stream-body.ts';

interface StreamPorts {
  clock: Clock;
  circuits: Circuits;
  modelStatistics: ModelStatistics;
  observer: Observer;
}

/** An answer that has begun as a stream of events. Its body writes the usage event before its last byte. */
export function streamResponse(
  ports: StreamPorts,
  served: ServedChat,
  answer: StreamedAnswer,
  lifetime: Lifetime,
  isCounted: boolean,
): HttpResponse {
  const { clock } = ports;
  const { context, wire, request, step } = served;
  const { call } = context;
  const startedAtMs = call.attemptLog?.at(-1)?.startedAtMs ?? call.startedAtMs;
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...answerHeaders(call, clock()),
  };
  const writer = wire.stream(request);
  const { body, ended } = streamBody(answer, writer, lifetime, {
    async finished() {
      const { finishReason = '', identity } = answer.progress;
      const result = chatResult(served, { usage: usageOf(served, answer.progress), finishReason, identity }, clock());
      call.outcome = 'answered';
      await Promise.all([context.settle(), isCounted || countAnswer(ports, step, false, clock() - startedAtMs)]);
      return writer.end(result);
    },

    async failed(failure) {
      const { error } = failure;
      call.error = failure;
      call.usage = usageOf(served, answer.progress);
      call.outcome = error.code === 'client_closed' ? 'client_closed' : 'interrupted';
      call.errorCode = error.code;
      const broken = failureOf(failure);
      await Promise.all([
        context.settle(),
        broken && countFailure(ports, step, broken, { isProbe: false, isCalled: true }),
      ]);
    },
  });
  call.ended = ended;
  return { statusCode: 200, headers, body };
}

/** What the provider said, or an estimate that is never below what was relayed: a chunk holds at least one token. */
function usageOf({ request }: ServedChat, progress: StreamProgress): TokenUsage {
  const { outputCharacters, contentChunks } = progress;
  const outputTokens = estimateOutputTokens(outputCharacters, contentChunks, outputLimitOf(request));
  const estimate = estimatedUsage(estimateInputTokens(request.body), outputTokens);
  const usage = believed(progress.usage, estimate);
  // A report in the middle of a stream that then broke counts only what came before it.
  return isComplete(progress) || totalOutputTokens(usage) >= outputTokens ? usage : estimate;
}
