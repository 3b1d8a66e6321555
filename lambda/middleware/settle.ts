import { setTimeout as pause } from 'node:timers/promises';
import type { MiddlewareObj } from '@middy/core';
import { costOfCall } from '../answer-headers.ts';
import type { Call, SettlingContext } from '../call.ts';
import { alertsFor } from '../core/budget-alert.ts';
import type { Configuration } from '../core/configuration.ts';
import { toGatewayError } from '../core/errors.ts';
import { PROCESS_LOST } from '../core/lost-call.ts';
import { TOKENS } from '../core/rate-charges.ts';
import { totalInputTokens, totalOutputTokens } from '../core/usage.ts';
import { outcomeOf } from '../core/usage-event.ts';
import type { HttpResponse } from '../http.ts';
import type { Alerts, Budgets, Clock, GlobalCeiling, Observer, RateLimits, UsageEvents } from '../ports.ts';
import { isRefusedByLimit, usageEventOf } from '../usage-event-of.ts';
import { settleCeiling } from '../workflow/admit-step.ts';

/** Where what a request did is written. */
export interface Ledger {
  usageEvents: UsageEvents;
  budgets: Budgets;
  alerts: Alerts;
  ceiling: GlobalCeiling;
  rateLimits: RateLimits;
  observer: Observer;
  clock: Clock;
  configuration: Configuration;
}

/**
 * Writes one usage event for each authenticated request, before its answer ends: here for whole answers and errors, by
 * the body itself (which calls `context.settle`) for streams. An answer is not withheld because its event could not be
 * stored; the event then goes to the log whole.
 */
export function settle(ledger: Ledger): MiddlewareObj<unknown, HttpResponse, Error, SettlingContext> {
  return {
    before({ context }) {
      let settled: Promise<void> | undefined;
      context.settle = () => {
        settled ??= settleCall(ledger, context.call).then(() => {});
        return settled;
      };
    },

    async after({ context, response }) {
      if (typeof response?.body === 'string') await context.settle();
    },

    async onError({ context, error }) {
      const known = toGatewayError(error);
      context.call.outcome ??= outcomeOf(known);
      context.call.errorCode ??= known.code;
      // A store that does not answer is not waited for a second time: the caller hears of it, then we settle.
      if (known.code !== 'store_unavailable') await context.settle();
    },
  };
}

/**
 * Writes the usage event of a call that is over, and makes its reservations and charges what they were. False when the event was
 * there already. Never throws. Money is settled after the event: until then the reservation stands for it, so that a process
 * killed in between loses neither.
 */
export async function settleCall(ledger: Ledger, call: Call): Promise<boolean> {
  const { usageEvents, observer, clock, configuration } = ledger;
  const event = usageEventOf(call, clock(), configuration);
  call.event = event;
  const recorded = event
    ? usageEvents.record(event).catch((cause) => {
        observer.usageNotStored(event, cause);
        return true;
      })
    : Promise.resolve(false);
  const [isNew] = await Promise.all([
    recorded,
    recorded.then(() => settleMoney(ledger, call)),
    settleCharges(ledger, call),
    call.cache?.keeping,
    call.lead?.finishing,
  ]);
  return isNew;
}

/**
 * Settles the money of a call whose event another process writes, who waits for it. That one may be lost by now, so an event
 * that says so goes ahead, and gives way to the other. Never throws.
 */
export async function settleAhead(ledger: Ledger, call: Call): Promise<void> {
  const { usageEvents, observer, clock, configuration } = ledger;
  const event = usageEventOf(call, clock(), configuration);
  if (event && call.reservation) {
    const ahead = { ...event, outcome: 'interrupted' as const, errorCode: PROCESS_LOST };
    await usageEvents.record(ahead).catch((cause) => observer.storeFailed(cause));
  }
  await settleMoney(ledger, call);
}

/**
 * What was reserved for a call becomes what was spent, once, and alerts are raised. Never throws: if the store fails, the
 * reservation's lease ends it.
 */
async function settleMoney(ledger: Ledger, call: Call): Promise<void> {
  const { budgets, alerts, observer, configuration } = ledger;
  settleCeiling(ledger, call, costOfCall(call));
  const { unsettled = [] } = call;
  delete call.unsettled;
  await Promise.all(
    unsettled.map(({ request, day }) =>
      budgets.settle(request, day, 0).catch((cause) => observer.settlementFailed(cause)),
    ),
  );
  const { reservation } = call;
  if (!reservation) return;
  const { request, day, earlier } = reservation;
  const cost = costOfCall(call);
  try {
    const settled = await onceMore(() => budgets.settle(request, day, cost));
    delete call.reservation;
    if (!settled) return;
    const spending = {
      account: request.account,
      day,
      before: settled.spent - cost,
      after: settled.spent,
      earlierDays: earlier,
    };
    for (const alert of alertsFor(spending, request.budgets, configuration.budgetRules.alertPercents)) {
      await alerts.raise(alert);
    }
  } catch (cause) {
    observer.settlementFailed(cause);
  }
}

/** A throttled store is given a moment: what is not settled blocks its account until the lease ends. */
const PAUSE_MS = 200;

async function onceMore<Value>(action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch {
    await pause(PAUSE_MS);
    return action();
  }
}

/** The charges in advance become the truth: the tokens that were used, and nothing for a request that was refused. */
async function settleCharges({ rateLimits, observer }: Ledger, call: Call): Promise<void> {
  const { caller, charged, usage } = call;
  if (!caller || !charged || charged.length === 0) return;
  const used = usage && !call.reused ? totalInputTokens(usage) + totalOutputTokens(usage) : 0;
  const corrections = isRefusedByLimit(call)
    ? charged.map(({ counter, amount, epoch }) => ({ counter, epoch, difference: -amount }))
    : charged
        .filter(({ counter }) => counter === TOKENS)
        .map(({ counter, amount, epoch }) => ({ counter, epoch, difference: used - amount }));
  if (corrections.every(({ difference }) => difference === 0)) return;
  await rateLimits.settle(caller.account, corrections).catch((cause) => observer.settlementFailed(cause));
}
