import { costOfCall } from './answer-headers.ts';
import type { Call } from './call.ts';
import type { Configuration } from './core/configuration.ts';
import { given } from './core/given.ts';
import { costOf, isPriceKnown, type MicroDollars } from './core/price.ts';
import { estimatedUsage, type TokenUsage } from './core/usage.ts';
import type { UsageEvent } from './core/usage-event.ts';

/** Refused before any provider was asked. Such requests are counted in batches, not kept one by one. */
export function isRefusedByLimit({ attempts, errorCode, coalescedWith }: Call): boolean {
  if (attempts > 0 || coalescedWith !== undefined) return false;
  return ['rate_limit_exceeded', 'locked_out', 'budget_exhausted'].includes(errorCode ?? '');
}

const NOTHING: TokenUsage = { ...estimatedUsage(0, 0), estimated: false };

/** The event of a call that is over, or undefined for one that nobody accepted. */
export function usageEventOf(
  call: Call,
  nowMs: number,
  { priceCatalogueVersion, models }: Pick<Configuration, 'priceCatalogueVersion' | 'models'>,
): UsageEvent | undefined {
  const { caller, chat } = call;
  if (!caller || !chat || call.isReplay || isRefusedByLimit(call)) return undefined;
  // A side call that no model was asked is nothing that happened to anybody.
  if (call.side !== undefined && call.attempts === 0) return undefined;
  const { user, tags } = chat.request.options;
  const optional = {
    ...planFacts(call),
    ...cacheFacts(call),
    side: call.side,
    routing: call.routing?.record,
    routingSavedMicroDollars: savedByRouting(call, models),
    user,
    tags,
    errorCode: call.errorCode,
    finishReason: call.finishReason,
    timeToFirstTokenMs: call.firstContentAtMs === undefined ? undefined : call.firstContentAtMs - call.startedAtMs,
  };
  return {
    requestId: call.requestId,
    account: caller.account,
    keyId: caller.keyId,
    startedAtMs: call.startedAtMs,
    wire: chat.wire.name,
    stream: chat.request.stream,
    requestedModel: chat.request.model ?? null,
    outcome: call.outcome ?? 'failed',
    usage: usageOf(call),
    costMicroDollars: costOfCall(call),
    priceCatalogueVersion,
    attempts: call.attempts,
    latencyMs: nowMs - call.startedAtMs,
    ...given(optional),
  };
}

/** What the choice of a cheaper model than the best saved; undefined where the best was taken, or nothing was answered. */
function savedByRouting(call: Call, models: Configuration['models']): MicroDollars | undefined {
  const best = models[call.routing?.record?.best ?? ''];
  if (!best || !call.usage || call.reused || call.side || call.outcome !== 'answered') return undefined;
  return costOf(call.usage, best.price) - costOfCall(call);
}

/** At a service tier whose price nobody knows, the cost is an estimate. */
function usageOf({ reused, usage, step }: Call): TokenUsage {
  if (reused || !usage) return NOTHING;
  return step && !isPriceKnown(usage, step.model.price) ? { ...usage, estimated: true } : usage;
}

/** What came of the plan, as far as there is more to say than how many calls were made. */
function planFacts({ step, admissions = 0, attempts, attemptLog = [] }: Call): Partial<UsageEvent> {
  return {
    ...(step ? { model: step.modelId, provider: step.model.provider } : {}),
    ...(admissions > attempts ? { admissions } : {}),
    ...(attemptLog.length > 1 ? { attemptLog } : {}),
  };
}

/** Where the answer came from, when it was made for another request, and why it was kept or not. */
function cacheFacts({ identity, reused, coalescedWith, semantic }: Call): Partial<UsageEvent> {
  return given({
    cache: reused?.how,
    savedMicroDollars: reused?.savedMicroDollars,
    coalescedWith,
    cacheReason: identity?.decision?.reason,
    semantic: semantic?.decision,
  });
}
