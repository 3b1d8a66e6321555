import { alertsFor } from '../core/budget-alert.ts';
import { DAY_MS, dayAt } from '../core/calendar.ts';
import type { Configuration } from '../core/configuration.ts';
import type { Account, Accounts, AlertSink, Alerts, Budgets, Clock, Observer } from '../ports.ts';
import type { UsageSummaries } from '../usage-sums.ts';

export interface SweepPorts {
  accounts: Accounts;
  budgets: Budgets;
  alerts: Alerts;
  usageSummaries: Pick<UsageSummaries, 'close'>;
  sink: AlertSink;
  observer: Pick<Observer, 'reservationsReaped'>;
  clock: Clock;
  configuration: Pick<Configuration, 'budgetRules'>;
}

/** Delivers the alerts that wait. One that cannot be delivered waits on, and does not hold up the others. */
export async function deliverAlerts({ alerts, sink }: SweepPorts): Promise<{ delivered: number; failed: number }> {
  const outcome = { delivered: 0, failed: 0 };
  for (const alert of await alerts.waiting()) {
    try {
      await sink(alert);
      await alerts.delivered(alert.id);
      outcome.delivered += 1;
    } catch {
      outcome.failed += 1;
    }
  }
  return outcome;
}

/**
 * Goes through all accounts: sums up what they used, settles the reservations of calls whose process died, and raises the
 * alerts such a process may have owed. Answers with how many reservations it settled; throws, once all have had their turn, what went wrong with one.
 */
export async function sweepAccounts(ports: SweepPorts): Promise<number> {
  let reaped = 0;
  let failure: { thrown: unknown } | undefined;
  let after: string | undefined;
  do {
    const page = await ports.accounts.list(after);
    for (const id of page.ids) {
      const account = await ports.accounts.find(id);
      if (!account) continue;
      try {
        reaped += await sweepAccount(ports, account);
        await ports.usageSummaries.close(id);
      } catch (thrown) {
        // One account does not hold up the others.
        failure ??= { thrown };
      }
    }
    after = page.next;
  } while (after !== undefined);
  if (reaped > 0) ports.observer.reservationsReaped(reaped);
  if (failure) throw failure.thrown;
  return reaped;
}

async function sweepAccount(ports: SweepPorts, { id, terms }: Account): Promise<number> {
  const { budgets, alerts, clock, configuration } = ports;
  const timeZone = terms.timeZone ?? 'UTC';
  const today = dayAt(clock(), timeZone);
  const yesterday = dayAt(clock() - DAY_MS, timeZone);
  const before = await budgets.reapDay(id, yesterday);
  const now = await budgets.reapDay(id, today);
  if (terms.budgets) {
    const earlierDays = terms.budgets.monthMicroDollars === undefined ? 0 : await budgets.committedBefore(id, today);
    const spending = { account: id, day: today, before: -earlierDays - 1, after: now.spent, earlierDays };
    for (const alert of alertsFor(spending, terms.budgets, configuration.budgetRules.alertPercents))
      await alerts.raise(alert);
  }
  return before.reaped + now.reaped;
}
