import { DAY_MS, type Day } from './core/calendar.ts';

/** The UTC day of a time, epoch milliseconds. All days of the ledger are UTC. */
export function utcDayAt(timeMs: number): Day {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** The day this many days after another, or before it when negative, in any zone. */
export function daysAfter(day: Day, days: number): Day {
  return utcDayAt(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS);
}
