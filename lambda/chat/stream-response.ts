import { answerHeaders } from '../answer-headers.ts';
import { shareFailure } from '../coalescing/lead.ts';
import { failureOf } from '../core/next-step.ts';
import { costOf } from '../core/price.ts';
import type { TokenUsage } from '../core/usage.ts';
import type { HttpResponse } from '../http.ts';
import type { Circuits, ModelStatistics } from '../ports.ts';
import type { StreamedAnswer } from '../workflow/attempt.ts';
import { countAnswer, countFailure } from '../workflow/count-call.ts';
import { tellCall } from '../workflow/tell-call.ts';
import type { KeepPorts } from './pass-on.ts';
import { chatResult, type ServedChat } from './served-chat.ts';
import { sharedStream } from './shared-stream.ts';
import { streamBody } from './stream-body.ts';
import { streamUsage } from './stream-usage.ts';

export interface StreamPorts extends KeepPorts {
  circuits: Circuits;
  modelStatistics: ModelStatistics;
}

/** An answer that has begun as a stream of events. Its body writes the usage event before its last byte. */
export function streamResponse(
  ports: StreamPorts,
  served: ServedChat,
  answer: StreamedAnswer,
  isCounted: boolean,
): HttpResponse {
  const { clock } = ports;
  const { context, wire, request, step } = served;
  const { call, lifetime } = context;
  const startedAtMs = call.attemptLog?.at(-1)?.startedAtMs ?? call.startedAtMs;
  const timeToFirstTokenMs = (call.firstContentAtMs ?? clock()) - startedAtMs;
  const told = (end: { usage: TokenUsage; finishReason?: string; errorCode?: string }) => {
    // What is followed is another request's call.
    if (!call.reused) tellCall(ports, call, step, { isStream: true, startedAtMs }, { ...end, timeToFirstTokenMs });
  };
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...answerHeaders(call, clock()),
  };
  const writer = wire.stream(request);
  const { batches, release } = sharedStream(ports, served, answer);
  const { body, ended } = streamBody({ ...answer, batches }, writer, lifetime, {
    async finished() {
      const { finishReason = '', identity } = answer.progress;
      const usage = streamUsage(request, answer.progress);
      if (call.reused) call.reused.savedMicroDollars ??= costOf(usage, step.model.price);
      const result = chatResult(served, { usage, finishReason, identity }, clock());
      call.outcome = 'answered';
      told({ usage, finishReason });
      await Promise.all([context.settle(), isCounted || countAnswer(ports, step, false, clock() - startedAtMs)]);
      return writer.end(result);
    },

    async failed(failure) {
      const { error } = failure;
      call.error = failure;
      await release();
      call.usage = streamUsage(request, answer.progress);
      call.outcome = error.code === 'client_closed' ? 'client_closed' : 'interrupted';
      call.errorCode = error.code;
      told({ usage: call.usage, errorCode: error.code });
      // Once, somebody else may have more luck; twice, it is the provider.
      if (call.lead?.isTakeOver) shareFailure(ports, call, failure);
      const broken = call.reused ? undefined : failureOf(failure);
      await Promise.all([
        context.settle(),
        broken && countFailure(ports, step, broken, { isProbe: false, isCalled: true }),
      ]);
    },
  });
  call.ended = ended;
  return { statusCode: 200, headers, body };
}
