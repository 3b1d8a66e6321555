import type { Retention } from '../lambda/core/configuration.ts';

/** How long the ledger is kept: 13 months, so that a month can be compared with the same month of the year before. */
export const retention: Retention = { usageDays: 400 };
