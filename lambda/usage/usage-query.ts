import { DAY_MS, monthOf } from '../core/calendar.ts';
import { type ErrorCode, GatewayError, invalidRequest } from '../core/errors.ts';
import { given } from '../core/given.ts';
import { isRequestId } from '../core/request-id.ts';
import { DIMENSIONS, type Dimension, type Filters } from '../core/usage-summary.ts';
import type { Caller } from '../ports.ts';
import { utcDayAt } from '../utc-day.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** A list of requests goes back so far at once. */
const MOST_LISTED_DAYS = 31;

const LONGEST_FIELD = 512;

/** The days that are asked for, since the epoch, the last one included. */
export interface Days {
  fromDay: number;
  toDay: number;
}

export type Grouping = 'day' | 'month' | 'account' | Dimension;

const GROUPINGS: readonly string[] = ['day', 'month', ...DIMENSIONS];

/** Of all accounts; what else there is to group by is an account's own. */
const GROUPINGS_OF_ALL: readonly string[] = ['day', 'month', 'account', 'model', 'provider'];

/** What an admin names for all accounts together. */
export const ALL_ACCOUNTS = '*';

/** Throws a 400 for a field that the route does not know, or that is empty or too long: passed over, it would show too much. */
export function checkFields(query: Query, route: string, fields: readonly string[]): void {
  const unknown = Object.keys(query).find((field) => !fields.includes(field));
  if (unknown !== undefined) throw invalidRequest(unknown, `${route} takes ${fields.join(', ')}.`);
  const wrong = fields.find((field) => query[field] === '' || (query[field]?.length ?? 0) > LONGEST_FIELD);
  if (wrong !== undefined) throw invalidRequest(wrong, `${wrong} must have 1 to ${LONGEST_FIELD} characters.`);
}

/** Whose usage is meant: the caller's own account, or, for an admin, the one it names. Throws a 403 for others. */
export function accountIn(query: Query, { role, account }: Caller): string {
  const asked = query.account ?? account;
  if (asked === ALL_ACCOUNTS) throw invalidRequest('account', 'Name one account.');
  if (asked === account || role === 'admin') return asked;
  const code: ErrorCode = 'forbidden';
  throw new GatewayError(code, 'Only an admin key may name another account.');
}

/**
 * The days from `from` to `to`, both UTC and included; without them, this month until today. The ledger goes back as many days
 * as it is kept, and nothing older is shown.
 */
export function daysIn(query: Query, nowMs: number, keptDays: number, most = keptDays): Days {
  const today = Math.floor(nowMs / DAY_MS);
  const oldest = today - keptDays + 1;
  const toDay = query.to === undefined ? today : dayOf('to', query.to);
  const fromDay = query.from === undefined ? firstOfMonth(toDay) : dayOf('from', query.from);
  if (fromDay > toDay) throw invalidRequest('from', 'from must not be after to.');
  if (toDay - fromDay >= most) throw invalidRequest('from', `from and to may be at most ${most} days apart.`);
  if (toDay < oldest) throw invalidRequest('to', `The ledger goes back to ${utcDayAt(oldest * DAY_MS)}.`);
  return { fromDay: Math.max(fromDay, oldest), toDay };
}

/** The days of a list of requests; without them, the last week. */
export function listedDaysIn(query: Query, nowMs: number, keptDays: number): Days {
  const to = query.to ?? utcDayAt(nowMs);
  const from = query.from ?? utcDayAt((dayOf('to', to) - 6) * DAY_MS);
  return daysIn({ from, to }, nowMs, keptDays, MOST_LISTED_DAYS);
}

/** What the sums of an account are to be grouped by. */
export function groupingIn(query: Query): Grouping | undefined {
  return oneOf(GROUPINGS, query);
}

/** What the sums of all accounts are to be grouped by. */
export function groupingOfAllIn(query: Query): Grouping | undefined {
  return oneOf(GROUPINGS_OF_ALL, query);
}

function oneOf(groupings: readonly string[], { groupBy }: Query): Grouping | undefined {
  if (groupBy === undefined || groupings.includes(groupBy)) return groupBy as Grouping | undefined;
  throw invalidRequest('groupBy', `groupBy must be ${groupings.join(', ')}.`);
}

/** What only such requests are to be summed up that have: `model=`, `user=` and so on. */
export function filtersIn(query: Query): Filters {
  return given(Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, query[dimension]])) as Filters);
}

/** A whole number from 1 to the most there may be. */
export function limitIn({ limit }: Query, otherwise: number, most: number): number {
  if (limit === undefined) return otherwise;
  if (/^\d{1,5}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= most) return Number(limit);
  throw invalidRequest('limit', `limit must be a whole number from 1 to ${most}.`);
}

/** Where a list of requests goes on. */
export function cursorIn({ cursor }: Query): string | undefined {
  if (cursor === undefined || isRequestId(cursor) || /^[0-9a-f]{8}-[0-9a-f]{4}$/.test(cursor)) return cursor;
  throw invalidRequest('cursor', 'cursor must be what the page before gave as next.');
}

function dayOf(field: string, text: string): number {
  const timeMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(timeMs) && utcDayAt(timeMs) === text) return timeMs / DAY_MS;
  throw invalidRequest(field, `${field} must be a day such as 2026-11-24.`);
}

function firstOfMonth(day: number): number {
  return dayOf('to', `${monthOf(utcDayAt(day * DAY_MS))}-01`);
}
