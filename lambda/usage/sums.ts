import { DAY_MS } from '../core/calendar.ts';
import { isHidden, withoutErased } from '../core/erasure.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import { DIMENSIONS, type Filters, partOf } from '../core/usage-summary.ts';
import type { JsonAnswer } from '../json-handler.ts';
import type { Caller } from '../ports.ts';
import type { SummedDay } from '../usage-sums.ts';
import { utcDayAt } from '../utc-day.ts';
import type { UsageGateway } from './gateway.ts';
import {
  ALL_ACCOUNTS,
  accountIn,
  checkFields,
  type Days,
  daysIn,
  filtersIn,
  type Grouping,
  groupingIn,
  groupingOfAllIn,
  limitIn,
} from './usage-query.ts';
import { MOST_GROUPS, usageReport } from './usage-report.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** More events than this are not read for one question. */
const MOST_EVENTS = 20_000;

/** All accounts are looked at for so many days at once, so many accounts a page, and so many at the same time. */
const MOST_DAYS_OF_ALL = 92;
const MOST_ACCOUNTS = 100;
const ACCOUNTS_AT_ONCE = 5;

/** `GET /v2/usage`: sums of an account, or, for admins, of all accounts together. */
export function answerSums(gateway: UsageGateway, query: Query, caller: Caller): Promise<JsonAnswer> {
  return query.account === ALL_ACCOUNTS ? sumsOfAll(gateway, query, caller) : sumsOfOne(gateway, query, caller);
}

async function sumsOfOne(gateway: UsageGateway, query: Query, caller: Caller): Promise<JsonAnswer> {
  checkFields(query, 'GET /v2/usage', ['account', 'from', 'to', 'groupBy', ...DIMENSIONS, 'limit', 'after']);
  const account = accountIn(query, caller);
  const days = daysIn(query, gateway.clock(), gateway.configuration.retention.usageDays);
  const grouping = groupingIn(query);
  const limit = limitIn(query, 100, MOST_GROUPS);
  const filters = filtersIn(query);
  const orders = grouping === 'user' || filters.user !== undefined ? await gateway.erasures.of(account) : [];
  const nowMs = gateway.clock();
  const isShown = (name: string) => grouping !== 'user' || !isHidden(name, orders, nowMs);
  const summed = isHidden(filters.user, orders, nowMs) ? [] : await filtered(gateway, account, days, filters, grouping);
  const report = usageReport(summed, { grouping, limit, after: query.after, isShown });
  return { status: 200, body: { account, ...shownDays(days), ...filters, ...report } };
}

/**
 * The days as far as the filters go. One filter alone is answered from the sums of its own dimension; several, or another
 * dimension by group, from the events of those days on which the sums know all that is asked for.
 */
async function filtered(
  { usageSummaries, erasures }: UsageGateway,
  account: string,
  { fromDay, toDay }: Days,
  filters: Filters,
  grouping: Grouping | undefined,
): Promise<SummedDay[]> {
  const asked = DIMENSIONS.filter((dimension) => filters[dimension] !== undefined);
  const [only] = asked;
  if (only === undefined) return usageSummaries.read(account, fromDay, toDay);
  const isByTime = grouping === undefined || grouping === 'day' || grouping === 'month';
  if (asked.length === 1 && only !== 'route' && (isByTime || grouping === only)) {
    const days = await usageSummaries.read(account, fromDay, toDay);
    return days.map(({ day, summary }) => ({ day, summary: partOf(summary, only, filters[only] ?? '') }));
  }
  const orders = await erasures.of(account);
  const seenAs = (event: Parameters<typeof withoutErased>[0]) => withoutErased(event, orders);
  const days = await usageSummaries.readWhere(account, fromDay, toDay, { filters, seenAs, mostEvents: MOST_EVENTS });
  if (days) return days;
  const message = `These filters need more than ${MOST_EVENTS} requests to be looked at. Choose fewer days by from and to.`;
  throw invalidRequest('from', message);
}

/** All accounts of a page together. Pages can be added up, as they have no account in common. */
async function sumsOfAll(gateway: UsageGateway, query: Query, { role }: Caller): Promise<JsonAnswer> {
  if (role !== 'admin') throw new GatewayError('forbidden', 'Only an admin key may ask for all accounts.');
  checkFields(query, 'GET /v2/usage?account=*', ['account', 'from', 'to', 'groupBy', 'limit', 'after']);
  const days = daysIn(query, gateway.clock(), gateway.configuration.retention.usageDays, MOST_DAYS_OF_ALL);
  const grouping = groupingOfAllIn(query);
  const page = await gateway.accounts.list(query.after);
  const limit = limitIn(query, MOST_ACCOUNTS, MOST_ACCOUNTS);
  const accounts = page.ids.slice(0, limit);
  const summed: (SummedDay & { account: string })[] = [];
  for (let from = 0; from < accounts.length; from += ACCOUNTS_AT_ONCE) {
    const some = accounts.slice(from, from + ACCOUNTS_AT_ONCE).map(async (account) => {
      const read = await gateway.usageSummaries.read(account, days.fromDay, days.toDay);
      return read.map((one) => ({ ...one, account }));
    });
    summed.push(...(await Promise.all(some)).flat());
  }
  const report = usageReport(summed, { grouping, limit: MOST_GROUPS, after: undefined, isShown: () => true });
  const hasMore = page.next !== undefined || page.ids.length > accounts.length;
  const next = hasMore ? { next: accounts.at(-1) } : {};
  return {
    status: 200,
    body: { account: ALL_ACCOUNTS, ...shownDays(days), accounts: accounts.length, ...report, ...next },
  };
}

function shownDays({ fromDay, toDay }: Days) {
  return { from: utcDayAt(fromDay * DAY_MS), to: utcDayAt(toDay * DAY_MS) };
}
