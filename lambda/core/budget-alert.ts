import { crossedPercents } from './budget.ts';
import { type Day, monthOf } from './calendar.ts';
import type { MicroDollars } from './price.ts';
import type { AccountBudgets } from './terms.ts';

/** An account has used this share of a period's budget. Its id is the same however often it is told. */
export interface BudgetAlert {
  id: string;
  account: string;
  /** A day, `2026-11-24`, or a month, `2026-11`. */
  period: string;
  percent: number;
  budgetMicroDollars: MicroDollars;
  spentMicroDollars: MicroDollars;
}

/** What an account has spent: before and after something, on its day, and on the month's earlier days. */
export interface Spending {
  account: string;
  day: Day;
  before: MicroDollars;
  after: MicroDollars;
  earlierDays: MicroDollars;
}

/** The alerts that this spending calls for: one for each threshold crossed, of the day and of the month. */
export function alertsFor(spending: Spending, budgets: AccountBudgets, percents: readonly number[]): BudgetAlert[] {
  const { account, day, before, after, earlierDays } = spending;
  const { dayMicroDollars, monthMicroDollars } = budgets;
  const alerts = (period: string, from: number, to: number, amount: number | undefined) =>
    crossedPercents(from, to, amount, percents).map((percent) =>
      budgetAlert(account, period, percent, amount ?? 0, to),
    );
  return [
    ...alerts(day, before, after, dayMicroDollars),
    ...alerts(monthOf(day), before + earlierDays, after + earlierDays, monthMicroDollars),
  ];
}

/** One alert, with the id that tells repetitions. */
export function budgetAlert(
  account: string,
  period: string,
  percent: number,
  budgetMicroDollars: MicroDollars,
  spentMicroDollars: MicroDollars,
): BudgetAlert {
  return { id: `${account}#${period}#${percent}`, account, period, percent, budgetMicroDollars, spentMicroDollars };
}
