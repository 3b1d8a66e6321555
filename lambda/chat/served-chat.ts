import { costOfCall } from '../answer-headers.ts';
import type { TimedContext } from '../call.ts';
import type { Plan, Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { JsonObject } from '../core/json-body.ts';
import type { TokenUsage } from '../core/usage.ts';
import type { ChatResult, ChatWire } from '../wires/chat-wire.ts';

/** A chat that a model is answering: everything the response is made from. */
export interface ServedChat {
  context: TimedContext;
  wire: ChatWire;
  request: ChatRequest;
  plan: Plan;
  step: Step;
}

/** What the wire may say about an answer that is over; `usage` is also what will be billed. */
export function chatResult(
  { context: { call }, plan, step }: ServedChat,
  answer: { usage: TokenUsage; finishReason: string; identity: JsonObject },
  nowMs: number,
): ChatResult {
  call.usage = answer.usage;
  call.finishReason = answer.finishReason;
  return {
    requestId: call.requestId,
    model: step.modelId,
    provider: step.model.provider,
    route: plan.route,
    attempts: call.attempts,
    costMicroDollars: costOfCall(call),
    cached: call.reused?.how === 'exact' || call.reused?.how === 'semantic',
    latencyMs: nowMs - call.startedAtMs,
    ...answer,
  };
}
