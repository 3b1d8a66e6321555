import type { MicroDollars } from './price.ts';
import type { AccountBudgets, BudgetAmounts } from './terms.ts';

/** Rules for every budget of the deployment. */
export interface BudgetRules {
  /** Shares of an amount at which its account is told. */
  alertPercents: readonly number[];
  /** Where spending ends, unless the account has its own. */
  hardStopPercent: number;
  /** How long a reservation counts when nobody settles it. */
  reservationLeaseMs: number;
  /** The most tokens an answer may have when a budget applies and the caller set no limit. */
  defaultMaxOutputTokens: number;
  /** The most the whole deployment may spend in a day (UTC), micro-dollars; unlimited without. */
  globalDayMicroDollars?: MicroDollars;
}

/** A period's committed money: what is spent, and what is reserved for calls that are under way. */
export interface Committed {
  account: MicroDollars;
  key: MicroDollars;
}

/** How far something may go, and which of two budgets says so. */
export interface Ceiling {
  /** Infinity when unlimited. */
  most: number;
  period: 'day' | 'month';
}

/** What a reservation may raise the day's committed money to, for the account and for the key. */
export interface Ceilings {
  account: Ceiling;
  key: Ceiling;
}

/** True when any amount of money limits this caller. */
export function isLimited(account: AccountBudgets, key: BudgetAmounts): boolean {
  return [account, key].some(
    ({ dayMicroDollars, monthMicroDollars }) => (dayMicroDollars ?? monthMicroDollars) !== undefined,
  );
}

/**
 * How far the day's committed money may go: the day's hard limit, or what the month's leaves after its earlier days,
 * whichever is nearer. A key's budgets end at 100 %: only accounts have a soft zone.
 */
export function ceilings(
  account: AccountBudgets,
  key: BudgetAmounts,
  earlierDays: Committed,
  rules: Pick<BudgetRules, 'hardStopPercent'>,
): Ceilings {
  const percent = account.hardStopPercent ?? rules.hardStopPercent;
  return {
    account: nearer(account, earlierDays.account, percent),
    key: nearer(key, earlierDays.key, 100),
  };
}

function nearer(
  { dayMicroDollars, monthMicroDollars }: BudgetAmounts,
  earlierDays: MicroDollars,
  percent: number,
): Ceiling {
  const hard = (amount: number | undefined) =>
    amount === undefined ? Number.POSITIVE_INFINITY : Math.floor((amount * percent) / 100);
  const [day, month] = [hard(dayMicroDollars), hard(monthMicroDollars) - earlierDays];
  return month < day ? { most: month, period: 'month' } : { most: day, period: 'day' };
}

/** The share of its nearest budget that an account has committed, in percent; 0 when it has none. */
export function committedPercent(account: AccountBudgets, day: MicroDollars, earlierDays: MicroDollars): number {
  const share = (spent: number, amount: number | undefined) =>
    amount === undefined ? 0 : (spent / Math.max(1, amount)) * 100;
  return Math.max(share(day, account.dayMicroDollars), share(day + earlierDays, account.monthMicroDollars));
}

/** The alert thresholds that a rise from one committed amount to another crosses, for one period's amount. */
export function crossedPercents(
  before: MicroDollars,
  after: MicroDollars,
  amount: MicroDollars | undefined,
  percents: readonly number[],
): number[] {
  if (amount === undefined) return [];
  return percents.filter((percent) => {
    const threshold = (amount * percent) / 100;
    return before < threshold && after >= threshold;
  });
}
