import type { BudgetRules } from '../lambda/core/budget.ts';

/** Rules for every budget; the amounts belong to accounts and keys. */
export const budgetRules: BudgetRules = {
  alertPercents: [80, 100],
  hardStopPercent: 120,
  // Longer than the longest request, so that only a call whose process died is ever reaped.
  reservationLeaseMs: 16 * 60_000,
  // The most tokens an answer may have when a budget applies and the caller set no limit.
  defaultMaxOutputTokens: 16_384,
};
