import { randomUUID } from 'node:crypto';
import type { Call, CallContext } from '../call.ts';
import type { Step } from '../core/chain.ts';
import type { Configuration } from '../core/configuration.ts';
import { timeLimitMs } from '../core/deadline.ts';
import { toGatewayError } from '../core/errors.ts';
import { failureOf } from '../core/next-step.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import { requestId as newRequestId } from '../core/request-id.ts';
import { outcomeOf } from '../core/usage-event.ts';
import { settleCall } from '../middleware/settle.ts';
import { countAnswer, countFailure } from '../workflow/count-call.ts';
import { visitStep } from '../workflow/visit-step.ts';
import type { ChatGateway } from './gateway.ts';
import { startLifetime } from './lifetime.ts';
import { givenUpUsage, streamUsage } from './stream-usage.ts';

/** From this share of its budget on, what an account has left is for its callers alone. */
const LEFT_TO_CALLERS_PERCENT = 80;

/**
 * Asks the shadow of a request's policy the same, once, when the caller has the whole answer, and throws away what it says:
 * what is left is a usage event of its own. The function is kept until it has ended. Never throws.
 */
export async function runShadow(gateway: ChatGateway, context: CallContext): Promise<void> {
  const { call } = context;
  const modelId = call.routing?.shadow;
  if (modelId === undefined || !mayBeShadowed(call)) return;
  const { configuration, clock, observer } = gateway;
  const shadow = shadowCall(call, modelId, configuration, clock());
  const { timeoutMs } = shadow.chat.request.options;
  const limitMs = timeLimitMs(timeoutMs, configuration.deadlines, context.getRemainingTimeInMillis());
  const lifetime = startLifetime(limitMs, undefined);
  let status = 200;
  try {
    await ask(gateway, shadow, limitMs, lifetime.signal);
    shadow.outcome = 'answered';
  } catch (thrown) {
    const error = toGatewayError(thrown instanceof ProviderFailure ? thrown.error : thrown);
    shadow.outcome ??= outcomeOf(error);
    shadow.errorCode = error.code;
    status = error.status;
    shadow.error = thrown;
  } finally {
    lifetime.end();
  }
  await settleCall(gateway, shadow);
  const { requestId, event, errorCode, error, route } = shadow;
  // One that was refused has asked nobody, and is no refusal of a caller.
  if (event === undefined) return;
  observer.requestEnded({ requestId, route, status, latencyMs: clock() - shadow.startedAtMs, event, errorCode, error });
}

/**
 * False for a request that no model was asked, that was at fault itself, whose caller wants nothing kept or no shadow, or whose
 * account has little left to spend.
 */
function mayBeShadowed({ attempts, reused, outcome, budgetPercent = 0, chat }: Call): boolean {
  const { isShadowed = true, cache } = chat?.request.options ?? {};
  if (!isShadowed || cache?.mayKeep === false) return false;
  return attempts > 0 && !reused && outcome !== 'rejected' && budgetPercent < LEFT_TO_CALLERS_PERCENT;
}

type ShadowCall = Call & Required<Pick<Call, 'chat' | 'plan'>>;

/** A call of its own with one step. It is charged to no limit a minute: the caller has not made it. */
function shadowCall(call: Call, modelId: string, configuration: Configuration, nowMs: number): ShadowCall {
  const { caller, chat, routing, route } = call;
  const model = configuration.models[modelId];
  if (!caller || !chat || !routing || !model) throw new Error('A shadow has no request.');
  const { timeoutMs } = { ...configuration.retry, ...model.retry };
  const step: Step = { modelId, model, waitMs: 0, timeoutMs };
  const { record } = routing;
  return {
    requestId: newRequestId(nowMs, randomUUID()),
    startedAtMs: nowMs,
    route,
    caller,
    chat,
    shadowOf: call.requestId,
    routing: { ...routing, ...(record ? { record: { ...record, model: modelId, because: 'shadow' } } : {}) },
    plan: { steps: [step], asked: modelId, route: { requested: null, model: modelId, reason: 'routed' } },
    chargedModel: modelId,
    attempts: 0,
  };
}

/** Makes the call and reads its answer to the end. */
async function ask(gateway: ChatGateway, call: ShadowCall, limitMs: number, signal: AbortSignal): Promise<void> {
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
    return;
  }
  const { batches, progress } = answer;
  try {
    for await (const _batch of batches);
    call.finishReason = progress.finishReason ?? '';
    if (!isCounted) await countAnswer(gateway, step, false, clock() - call.startedAtMs);
  } catch (thrown) {
    call.outcome = 'interrupted';
    const failure = failureOf(thrown);
    if (failure) await countFailure(gateway, step, failure, { isProbe: false, isCalled: true });
    throw thrown;
  } finally {
    call.usage = streamUsage(request, progress);
  }
}
