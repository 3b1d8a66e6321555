import { randomUUID } from 'node:crypto';
import type { Call } from '../call.ts';
import type { Plan } from '../core/chain.ts';
import { toGatewayError } from '../core/errors.ts';
import { failureOf } from '../core/next-step.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import { requestId } from '../core/request-id.ts';
import { outcomeOf, type SideKind } from '../core/usage-event.ts';
import { settleCall } from '../middleware/settle.ts';
import type { CompleteAnswer } from '../workflow/attempt.ts';
import { countAnswer, countFailure } from '../workflow/count-call.ts';
import type { CallGateway } from '../workflow/gateway.ts';
import { visitStep } from '../workflow/visit-step.ts';
import { startLifetime } from './lifetime.ts';
import { givenUpUsage, streamUsage } from './stream-usage.ts';

/** A call that the gateway makes beside a request, for an end of its own. */
export interface SideCall extends Required<Pick<Call, 'caller' | 'chat'>>, Pick<Call, 'routing'> {
  kind: SideKind;
  modelId: string;
  limitMs: number;
}

/** So many a process has under way at once: each holds its request in memory until it ends. */
const MOST_UNDER_WAY = 20;
let underWay = 0;

/**
 * Makes one call beside a request, without retry, fallback, cache or limits a minute: no caller has made it. The account of
 * its caller pays, its budgets admit it, and it is an event of its own in the ledger, which names the request. Answers with a whole
 * answer; undefined when it came to nothing, the process has too many under way or is about to end, or was a stream, which is read to its end. Never throws.
 */
export async function sideCall(gateway: CallGateway, of: Call, side: SideCall): Promise<CompleteAnswer | undefined> {
  if (underWay >= MOST_UNDER_WAY || gateway.stopping?.aborted) return undefined;
  const { clock, observer } = gateway;
  const call = callOf(gateway, of, side);
  const lifetime = startLifetime(side.limitMs, gateway.stopping);
  underWay += 1;
  let answer: CompleteAnswer | undefined;
  try {
    answer = await ask(gateway, call, side.limitMs, lifetime.signal);
    call.outcome = 'answered';
  } catch (thrown) {
    const error = toGatewayError(thrown instanceof ProviderFailure ? thrown.error : thrown);
    call.outcome ??= outcomeOf(error);
    call.errorCode = error.code;
    call.error = thrown;
  } finally {
    lifetime.end();
    underWay -= 1;
  }
  await settleCall(gateway, call);
  const { event, errorCode, error, route } = call;
  const latencyMs = clock() - call.startedAtMs;
  observer.requestEnded({ requestId: call.requestId, route, status: 200, latencyMs, event, errorCode, error });
  return answer;
}

type OwnCall = Call & Required<Pick<Call, 'chat' | 'plan'>>;

/** A call of its own with one step. */
function callOf(
  { configuration, clock }: CallGateway,
  of: Call,
  { kind, modelId, limitMs, caller, chat, routing }: SideCall,
): OwnCall {
  const model = configuration.models[modelId];
  if (!model) throw new Error('A side call has no model.');
  const { timeoutMs } = { ...configuration.retry, ...model.retry };
  const plan: Plan = {
    steps: [{ modelId, model, waitMs: 0, timeoutMs: Math.min(timeoutMs, limitMs) }],
    asked: modelId,
    route: { requested: null, model: modelId, reason: routing ? 'routed' : 'requested' },
  };
  const startedAtMs = clock();
  return {
    requestId: requestId(startedAtMs, randomUUID()),
    startedAtMs,
    route: of.route,
    caller,
    chat,
    side: { kind, of: of.requestId },
    ...(routing ? { routing } : {}),
    plan,
    chargedModel: modelId,
    attempts: 0,
  };
}

/** Makes the call and reads its answer to the end. */
async function ask(
  gateway: CallGateway,
  call: OwnCall,
  limitMs: number,
  signal: AbortSignal,
): Promise<CompleteAnswer | undefined> {
  const { clock } = gateway;
  const { plan, chat } = call;
  const deadlineAtMs = call.startedAtMs + limitMs;
  const asked = await visitStep(gateway, { call, request: chat.request, plan, deadlineAtMs, signal }, 0);
  if (asked.verdict !== 'answered') {
    if (call.isGivenUp) call.usage = givenUpUsage(chat.request);
    throw asked.thrown;
  }
  const { answer, step, request, isCounted } = asked;
  call.firstContentAtMs = clock();
  if (answer.kind === 'complete') {
    call.usage = answer.usage;
    call.finishReason = answer.facts.finishReason;
    return answer;
  }
  const { batches, progress } = answer;
  try {
    for await (const _batch of batches);
    call.finishReason = progress.finishReason ?? '';
    if (!isCounted) await countAnswer(gateway, step, false, clock() - call.startedAtMs);
    return undefined;
  } catch (thrown) {
    call.outcome = 'interrupted';
    const failure = failureOf(thrown);
    if (failure) await countFailure(gateway, step, failure, { isProbe: false, isCalled: true });
    throw thrown;
  } finally {
    call.usage = streamUsage(request, progress);
  }
}
