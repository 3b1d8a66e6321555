import type { UsageEvent } from './core/usage-event.ts';
import type { Filters, UsageSummary } from './core/usage-summary.ts';

/** Sums of the ledger. */
export interface UsageSummaries {
  /** Sums up the hours and days of an account that are over. Doing it twice changes nothing. */
  close(account: string): Promise<void>;
  /** What an account used on each of these days (since the epoch, UTC), up to this moment. */
  read(account: string, fromDay: number, toDay: number): Promise<SummedDay[]>;
  /**
   * The same of those requests only that fit, from their events. Undefined when more would have to be looked at than may be.
   */
  readWhere(account: string, fromDay: number, toDay: number, which: WhichEvents): Promise<SummedDay[] | undefined>;
}

export interface WhichEvents {
  filters: Filters;
  /** How an event may be seen. */
  seenAs: (event: UsageEvent) => UsageEvent;
  mostEvents: number;
}

export interface SummedDay {
  day: string;
  summary: UsageSummary;
}
