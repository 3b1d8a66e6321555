import type { Call } from '../call.ts';
import { type BudgetRules, committedPercent, isLimited } from '../core/budget.ts';
import { budgetAlert } from '../core/budget-alert.ts';
import { dayAt, monthOf, nextDayStartMs, nextMonthStartMs } from '../core/calendar.ts';
import type { Step } from '../core/chain.ts';
import { type ChatRequest, choicesOf, maxTokensOf } from '../core/chat-request.ts';
import { costBound, inputTokenBound } from '../core/cost-bound.ts';
import { GatewayError } from '../core/errors.ts';
import { isWithinPrice } from '../core/price.ts';
import type { Alerts, Budgets, Caller, Clock, ReservationRequest, ReservationVerdict } from '../ports.ts';

/** Hard stops this process has told of: a caller who goes on being refused costs no further writes. */
const isRaised = new Set<string>();
const MAXIMUM_RAISED = 10_000;

export interface AdmitPorts {
  budgets: Budgets;
  alerts: Alerts;
  clock: Clock;
  configuration: { budgetRules: BudgetRules };
}

/**
 * Reserves the money an attempt can cost at most, and its place among the account's calls. Answers with the request to
 * send: where a budget applies, it says how long the answer may be. Throws 402 or 429 when there is no room.
 */
export async function admitStep(ports: AdmitPorts, call: Call, request: ChatRequest, step: Step): Promise<ChatRequest> {
  const { caller } = call;
  if (!caller) throw new Error('authenticate must run before admitStep');
  const { budgets, keyBudgets, limits } = caller.terms;
  const hasBudget = isLimited(budgets, keyBudgets);
  if (!hasBudget && limits.callsInFlight === undefined) return request;

  const { budgetRules } = ports.configuration;
  const bounded = hasBudget && maxTokensOf(request) === undefined ? withMaxTokens(request, step, budgetRules) : request;
  const outputTokens = (maxTokensOf(bounded) ?? 0) * choicesOf(bounded);
  const reservation: ReservationRequest = {
    account: caller.account,
    keyId: caller.keyId,
    requestId: call.requestId,
    estimate: hasBudget ? costBound(inputTokenBound(bounded.body), outputTokens, step.model) : 0,
    budgets,
    keyBudgets,
    callsInFlight: limits.callsInFlight,
    timeZone: caller.terms.timeZone,
  };
  const verdict = await reserve(ports.budgets, reservation);
  if (!verdict.reserved && verdict.reason === 'account_budget') await raiseHardStop(ports, reservation);
  if (!verdict.reserved) throw refusal(verdict.reason, caller, ports.clock());
  call.reservation = { request: reservation, day: verdict.day, earlier: verdict.earlier };
  call.budgetPercent = committedPercent(budgets, verdict.committed - reservation.estimate, verdict.earlier);
  const { softLimit } = budgets;
  if (
    call.budgetPercent >= 100 &&
    typeof softLimit === 'object' &&
    !isWithinPrice(softLimit.maxCostPer1MTokens, step.model.price)
  ) {
    await releaseStep(ports, call);
    const message =
      'The budget is at its soft limit, and this model is dearer than what it allows then. Name a cheaper one.';
    throw new GatewayError('budget_exhausted', message, { retryAfterSeconds: secondsToReset(caller, ports.clock()) });
  }
  return bounded;
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

/** Gives back what was reserved for an attempt that cost nothing. */
export async function releaseStep({ budgets }: AdmitPorts, call: Call): Promise<void> {
  const { reservation } = call;
  if (!reservation) return;
  delete call.reservation;
  await budgets.settle(reservation.request, reservation.day, 0);
}

function withMaxTokens(request: ChatRequest, { model }: Step, rules: BudgetRules): ChatRequest {
  return { ...request, maxTokens: Math.min(rules.defaultMaxOutputTokens, model.contextWindowTokens) };
}

/** Fails closed. A reservation whose outcome is unknown is given back; if that fails too, it ends with its lease. */
async function reserve(budgets: Budgets, request: ReservationRequest): Promise<ReservationVerdict> {
  try {
    return await budgets.reserve(request);
  } catch (cause) {
    const message = 'The budget could not be checked, because the store does not answer. Try again.';
    throw new GatewayError('store_unavailable', message, { cause, retryAfterSeconds: 1 });
  }
}

function refusal(
  reason: (ReservationVerdict & { reserved: false })['reason'],
  caller: Caller,
  nowMs: number,
): GatewayError {
  if (reason === 'calls_in_flight') {
    const message = `The account has ${caller.terms.limits.callsInFlight} calls under way, which is all it may have. Wait for one to end.`;
    return new GatewayError('rate_limit_exceeded', message, { retryAfterSeconds: 1 });
  }
  const whose = reason === 'key_budget' ? "key's" : "account's";
  const retryAfterSeconds = secondsToReset(caller, nowMs);
  const resets = new Date(nowMs + retryAfterSeconds * 1_000).toISOString();
  const message = `The ${whose} budget does not allow this call. It resets at ${resets}; a cheaper model or a lower max_tokens may fit.`;
  return new GatewayError('budget_exhausted', message, { retryAfterSeconds });
}

/** Until the nearest budget of the caller begins anew. */
function secondsToReset({ terms }: Caller, nowMs: number): number {
  const hasDay = (terms.budgets.dayMicroDollars ?? terms.keyBudgets.dayMicroDollars) !== undefined;
  const resetsAtMs = hasDay ? nextDayStartMs(nowMs, terms.timeZone) : nextMonthStartMs(nowMs, terms.timeZone);
  return Math.max(1, Math.ceil((resetsAtMs - nowMs) / 1_000));
}
