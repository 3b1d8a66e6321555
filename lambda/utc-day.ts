import type { Day } from './core/calendar.ts';

/** The UTC day of a time, epoch milliseconds. All days of the ledger are UTC. */
export function utcDayAt(timeMs: number): Day {
  return new Date(timeMs).toISOString().slice(0, 10);
}
