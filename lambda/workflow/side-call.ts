import { randomUUID } from 'node:crypto';
import type { Call } from '../call.ts';
import { startLifetime } from '../chat/lifetime.ts';
import type { Plan } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { Model } from '../core/configuration.ts';
import { toGatewayError } from '../core/errors.ts';
import { requestId } from '../core/request-id.ts';
import { outcomeOf, type SideKind } from '../core/usage-event.ts';
import { settleCall } from '../middleware/settle.ts';
import { openAiChat } from '../wires/openai-chat.ts';
import type { CompleteAnswer } from './attempt.ts';
import type { CallGateway } from './gateway.ts';
import { startPlan } from './run-plan.ts';

/** A call that the gateway makes beside a request, for an end of its own. */
export interface SideCall {
  kind: SideKind;
  model: string;
  body: ChatRequest['body'];
  limitMs: number;
}

/**
 * Makes one call beside a request, whole, once, and without fallbacks. The request's account pays: its budgets admit the call, and it
 * is an event of its own in the ledger, which names the request. It counts for no limit a minute, and needs no leave to use the
 * model: the operator chose that. Undefined when it came to nothing.
 */
export async function sideCall(
  gateway: CallGateway,
  of: Call,
  { kind, model: modelId, body, limitMs }: SideCall,
): Promise<CompleteAnswer | undefined> {
  const { caller } = of;
  if (!caller) return undefined;
  const startedAtMs = gateway.clock();
  const request: ChatRequest = {
    model: modelId,
    stream: false,
    streamOptions: {},
    body,
    maxTokens: undefined,
    options: {},
  };
  const plan: Plan = {
    steps: [{ modelId, model: gateway.configuration.models[modelId] as Model, waitMs: 0, timeoutMs: limitMs }],
    asked: modelId,
    route: { requested: modelId, model: modelId, reason: 'requested' },
  };
  const call: Call = {
    requestId: requestId(startedAtMs, randomUUID()),
    startedAtMs,
    route: of.route,
    caller: { ...caller, terms: { ...caller.terms, allowedModels: [] } },
    chat: { wire: openAiChat, request },
    plan,
    side: { kind, of: of.requestId },
    attempts: 0,
    chargedModel: modelId,
  };
  const { signal, end } = startLifetime(limitMs, undefined);
  try {
    const begun = await startPlan(gateway, { call, request, plan, deadlineAtMs: startedAtMs + limitMs, signal });
    if (!('verdict' in begun) || begun.answer.kind !== 'complete') return undefined;
    const { answer } = begun;
    call.usage = answer.usage;
    call.outcome = 'answered';
    if (answer.facts.finishReason !== undefined) call.finishReason = answer.facts.finishReason;
    return answer;
  } catch (thrown) {
    const known = toGatewayError(thrown);
    call.outcome = outcomeOf(known);
    call.errorCode = known.code;
    return undefined;
  } finally {
    end();
    await settleCall(gateway, call);
  }
}
