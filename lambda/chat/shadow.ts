import type { Call, CallContext } from '../call.ts';
import { timeLimitMs } from '../core/deadline.ts';
import type { ChatGateway } from './gateway.ts';
import { sideCall } from './side-call.ts';

/** From this share of its budget on, what an account has left is for its callers alone. */
const LEFT_TO_CALLERS_PERCENT = 80;

/**
 * Asks the shadow of a request's policy the same, once, when the caller has the whole answer, and throws away what it says: what is left is
 * a usage event of its own. The function is kept until it has ended. Never throws.
 */
export async function runShadow(gateway: ChatGateway, { call, getRemainingTimeInMillis }: CallContext): Promise<void> {
  const { caller, chat, routing } = call;
  const modelId = routing?.shadow;
  if (!caller || !chat || !routing || modelId === undefined || !mayBeShadowed(call)) return;
  const { timeoutMs } = chat.request.options;
  const limitMs = timeLimitMs(timeoutMs, gateway.configuration.deadlines, getRemainingTimeInMillis());
  const { record } = routing;
  const asShadow = {
    ...routing,
    ...(record ? { record: { ...record, model: modelId, because: 'shadow' as const } } : {}),
  };
  await sideCall(gateway, call, { kind: 'shadow', modelId, limitMs, caller, chat, routing: asShadow });
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
