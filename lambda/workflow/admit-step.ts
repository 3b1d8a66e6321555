import type { Call } from '../call.ts';
import { type BudgetRules, committedPercent, isLimited } from '../core/budget.ts';
import { budgetAlert } from '../core/budget-alert.ts';
import { dayAt, monthOf, nextDayStartMs, nextMonthStartMs } from '../core/calendar.ts';
import type { Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { boundsOf } from '../core/cost-bound.ts';
import { GatewayError } from '../core/errors.ts';
import { reservationId } from '../core/lost-call.ts';
import { isWithinPrice, type MicroDollars } from '../core/price.ts';
import type {
  Alerts,
  Budgets,
  Caller,
  Clock,
  GlobalCeiling,
  ReservationRequest,
  ReservationVerdict,
} from '../ports.ts';

/** Hard stops this process has told of: a caller who goes on being refused costs no further writes. */
const isRaised = new Set<string>();
const MAXIMUM_RAISED = 10_000;

export interface AdmitPorts {
  budgets: Budgets;
  alerts: Alerts;
  ceiling: GlobalCeiling;
  clock: Clock;
  configuration: { budgetRules: BudgetRules };
}

/**
 * Reserves the money an attempt can cost at most, of the deployment's day and of the account, and its place among the
 * account's calls. Answers with the request to send: where money is limited, it says how long the answer may be. Throws
 * 402 or 429 when there is no room, and then has reserved nothing.
 */
export async function admitStep(ports: AdmitPorts, call: Call, request: ChatRequest, step: Step): Promise<ChatRequest> {
  const { caller } = call;
  if (!caller) throw new Error('authenticate must run before admitStep');
  const { budgets, keyBudgets } = caller.terms;
  const callsInFlight = callsAllowed(call, caller);
  const { budgetRules } = ports.configuration;
  const hasBudget = isLimited(budgets, keyBudgets);
  const hasCeiling = budgetRules.globalDayMicroDollars !== undefined;
  const isReserved = hasBudget || callsInFlight !== undefined;
  if (!isReserved && !hasCeiling) return request;
  // One limit in the provider's own field: what it does not know would not bind it.
  const { maxTokens, mostCost: estimate } = boundsOf(request, step.model, budgetRules);
  const bounded = { ...request, maxTokens };
  if (hasCeiling) await reserveCeiling(ports, call, estimate);
  try {
    // Without a budget no money refuses it; the reservation says what the call costs should this process be lost.
    if (isReserved) await reserveBudget(ports, call, caller, step, estimate);
  } catch (refused) {
    settleCeiling(ports, call, 0);
    throw refused;
  }
  return hasBudget || hasCeiling ? bounded : request;
}

/** How many calls the account may have under way. A side call is none of them. */
function callsAllowed({ side }: Call, { terms }: Caller): number | undefined {
  return side === undefined ? terms.limits.callsInFlight : undefined;
}

async function reserveCeiling({ ceiling, clock }: AdmitPorts, call: Call, estimate: MicroDollars): Promise<void> {
  const share = await ceiling.reserve(estimate).catch((cause) => {
    throw unavailable(cause);
  });
  if (share) {
    call.ceilingShare = share;
    return;
  }
  const retryAfterSeconds = Math.ceil((nextDayStartMs(clock(), 'UTC') - clock()) / 1_000);
  const message =
    'The deployment has spent what it may in a day (UTC). Wait for tomorrow, or ask the operator to raise it.';
  throw new GatewayError('budget_exhausted', message, { retryAfterSeconds });
}

/** Gives back what the attempt did not cost of the deployment's day. */
export function settleCeiling({ ceiling }: Pick<AdmitPorts, 'ceiling'>, call: Call, actual: MicroDollars): void {
  const { ceilingShare } = call;
  delete call.ceilingShare;
  if (ceilingShare) ceiling.settle(ceilingShare, actual);
}

async function reserveBudget(
  ports: AdmitPorts,
  call: Call,
  caller: Caller,
  step: Step,
  estimate: MicroDollars,
): Promise<void> {
  const { budgets, keyBudgets, timeZone } = caller.terms;
  const { account, keyId } = caller;
  const callsInFlight = callsAllowed(call, caller);
  const isSideCall = call.side !== undefined;
  // Each attempt reserves for itself: one that could not be given back must not stand for the next.
  const { admissions = 0 } = call;
  call.admissions = admissions + 1;
  const request: ReservationRequest = {
    account,
    keyId,
    requestId: reservationId(call.requestId, admissions),
    estimate,
    budgets,
    keyBudgets,
    callsInFlight,
    timeZone,
    ...(isSideCall ? { isSideCall } : {}),
    call: {
      model: step.modelId,
      wire: call.chat?.wire.name ?? 'openai',
      stream: call.chat?.request.stream ?? false,
      ...(call.side ? { side: call.side } : {}),
    },
  };
  let verdict: ReservationVerdict;
  try {
    verdict = await ports.budgets.reserve(request);
  } catch (cause) {
    // It may have been made all the same: settling gives it back.
    call.unsettled = [...(call.unsettled ?? []), { request, day: dayAt(ports.clock(), timeZone) }];
    throw unavailable(cause);
  }
  if (!verdict.reserved) {
    // No caller is refused with a side call.
    if (verdict.reason === 'account_budget' && !isSideCall) await raiseHardStop(ports, request);
    throw refusal(verdict, caller, ports.clock());
  }
  call.reservation = { request, day: verdict.day, earlier: verdict.earlier };
  call.budgetPercent = committedPercent(budgets, verdict.committed - estimate, verdict.earlier);
  const { softLimit } = budgets;
  const isSoft = call.budgetPercent >= 100 && typeof softLimit === 'object';
  if (!isSoft || isWithinPrice(softLimit.maxCostPer1MTokens, step.model.price)) return;
  await releaseStep(ports, call);
  const message =
    'The budget is at its soft limit, and this model is dearer than what it allows then. Name a cheaper one.';
  throw new GatewayError('budget_exhausted', message, {
    retryAfterSeconds: secondsToReset(budgets.dayMicroDollars === undefined ? 'month' : 'day', timeZone, ports.clock()),
  });
}

/** Tells once a period that calls are being refused. A store that fails to keep the alert refuses no more than before. */
async function raiseHardStop({ alerts, clock, configuration }: AdmitPorts, request: ReservationRequest): Promise<void> {
  const { account, budgets, timeZone } = request;
  const { dayMicroDollars, monthMicroDollars, hardStopPercent = configuration.budgetRules.hardStopPercent } = budgets;
  const day = dayAt(clock(), timeZone);
  const [period, amount] = dayMicroDollars === undefined ? [monthOf(day), monthMicroDollars] : [day, dayMicroDollars];
  const alert = budgetAlert(account, period, hardStopPercent, amount ?? 0, amount ?? 0);
  if (isRaised.has(alert.id)) return;
  if (isRaised.size >= MAXIMUM_RAISED) isRaised.clear();
  isRaised.add(alert.id);
  await alerts.raise(alert).catch(() => isRaised.delete(alert.id));
}

/** Gives back everything that was reserved for an attempt that cost nothing. */
export async function releaseStep(ports: AdmitPorts, call: Call): Promise<void> {
  settleCeiling(ports, call, 0);
  const { reservation } = call;
  if (!reservation) return;
  delete call.reservation;
  try {
    await ports.budgets.settle(reservation.request, reservation.day, 0);
  } catch {
    // Another model is tried all the same; the end of the call settles this once more.
    call.unsettled = [...(call.unsettled ?? []), reservation];
  }
}

/** Fails closed. */
function unavailable(cause: unknown): GatewayError {
  const message = 'The budget could not be checked, because the store does not answer. Try again.';
  return new GatewayError('store_unavailable', message, { cause, retryAfterSeconds: 1 });
}

function refusal(verdict: ReservationVerdict & { reserved: false }, { terms }: Caller, nowMs: number): GatewayError {
  if (verdict.reason === 'calls_in_flight') {
    const message = `The account has ${verdict.most} calls under way, which is all it may have. Wait for one to end.`;
    return new GatewayError('rate_limit_exceeded', message, { retryAfterSeconds: 1 });
  }
  const whose = verdict.reason === 'key_budget' ? "key's" : "account's";
  const retryAfterSeconds = secondsToReset(verdict.period, terms.timeZone, nowMs);
  const resets = new Date(nowMs + retryAfterSeconds * 1_000).toISOString();
  const message = `The ${whose} budget of the ${verdict.period} does not allow this call. It resets at ${resets}; a cheaper model or a lower max_tokens may fit.`;
  return new GatewayError('budget_exhausted', message, { retryAfterSeconds });
}

function secondsToReset(period: 'day' | 'month', timeZone: string, nowMs: number): number {
  const resetsAtMs = period === 'day' ? nextDayStartMs(nowMs, timeZone) : nextMonthStartMs(nowMs, timeZone);
  return Math.max(1, Math.ceil((resetsAtMs - nowMs) / 1_000));
}
