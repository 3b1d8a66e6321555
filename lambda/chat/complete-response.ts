import { answerHeaders } from '../answer-headers.ts';
import { type HttpResponse, JSON_TYPE } from '../http.ts';
import type { CompleteAnswer } from '../workflow/attempt.ts';
import { type KeepPorts, passOn } from './pass-on.ts';
import { chatResult, type ServedChat } from './served-chat.ts';

/** A whole answer as one HTTP response. The pipeline's `settle` writes the usage event before it is sent. */
export function completeResponse(ports: KeepPorts, served: ServedChat, answer: CompleteAnswer): HttpResponse {
  const nowMs = ports.clock();
  const { call } = served.context;
  const { usage, facts } = answer;
  const result = chatResult(served, { usage, finishReason: facts.finishReason, identity: {} }, nowMs);
  const body = served.wire.answer(answer, result);
  call.outcome = 'answered';
  passOn(ports, call, answer, served.request);
  return {
    statusCode: 200,
    headers: { 'content-type': JSON_TYPE, ...answerHeaders(call, nowMs) },
    body,
  };
}
