import { answerHeaders } from '../answer-headers.ts';
import type { Call } from '../call.ts';
import { type Assembly, addChunk, assembled, newAssembly } from '../core/assemble-completion.ts';
import { outputLimitOf } from '../core/chat-request.ts';
import { judgeCompletion } from '../core/completion.ts';
import { estimateInputTokens, estimateOutputTokens } from '../core/estimate-tokens.ts';
import { failureOf } from '../core/next-step.ts';
import { isComplete, type StreamProgress } from '../core/stream-progress.ts';
import { believed, estimatedUsage, type TokenUsage, totalOutputTokens } from '../core/usage.ts';
import type { HttpResponse } from '../http.ts';
import type { Circuits, ModelStatistics } from '../ports.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import type { StreamedAnswer } from '../workflow/attempt.ts';
import { countAnswer, countFailure } from '../workflow/count-call.ts';
import type { Lifetime } from './lifetime.ts';
import { isWanted, type KeepPorts, passOn } from './pass-on.ts';
import { chatResult, type ServedChat } from './served-chat.ts';
import { streamBody } from './stream-body.ts';

export interface StreamPorts extends KeepPorts {
  circuits: Circuits;
  modelStatistics: ModelStatistics;
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
  const assembly = isWanted(call) ? newAssembly() : undefined;
  const recorded = assembly ? { ...answer, batches: recording(answer.batches, assembly) } : answer;
  const { body, ended } = streamBody(recorded, writer, lifetime, {
    async finished() {
      const { finishReason = '', identity } = answer.progress;
      const result = chatResult(served, { usage: usageOf(served, answer.progress), finishReason, identity }, clock());
      call.outcome = 'answered';
      if (assembly && call.usage && isComplete(answer.progress)) passOnAssembled(ports, call, assembly, call.usage);
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

/** The same stream, and what it says gathered. */
async function* recording(batches: AsyncGenerator<StreamChunk[]>, assembly: Assembly): AsyncGenerator<StreamChunk[]> {
  for await (const batch of batches) {
    for (const { parsed } of batch) addChunk(assembly, parsed);
    yield batch;
  }
}

/** Passes a stream on as the whole answer it was, if it makes one. */
function passOnAssembled(ports: KeepPorts, call: Call, assembly: Assembly, usage: TokenUsage): void {
  const body = assembled(assembly);
  const facts = judgeCompletion(body);
  if (body && !('flaw' in facts)) passOn(ports, call, { body, text: JSON.stringify(body), facts, usage });
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
