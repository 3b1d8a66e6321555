import { DAY_MS } from '../core/calendar.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import { dollarsText } from '../core/price.ts';
import { isRequestId, requestTimeMs } from '../core/request-id.ts';
import { newReplay, type Replay, type ReplayLine, replayEvent } from '../core/routing/replay.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import type { JsonAnswer } from '../json-handler.ts';
import type { Caller } from '../ports.ts';
import { utcDayAt } from '../utc-day.ts';
import type { UsageGateway } from './gateway.ts';
import { checkFields, daysIn, limitIn } from './usage-query.ts';

type Query = Readonly<Record<string, string | undefined>>;

const MOST_REPORTED_DAYS = 31;

/** Events of one page: replaying one takes a third of a millisecond, and several in a small function. */
const MOST_EVENTS = 5_000;

/** Each account is asked for each day, whether or not there is anything: so many of both are asked for a page. */
const MOST_ACCOUNT_DAYS = 400;

/**
 * GET /v2/admin/routing/report: what the routed requests of a time did cost, and would have cost by each policy and with each
 * rated model; of all accounts, or of one. What does not fit into a page is on the next: pages add up.
 */
export async function answerRoutingReport(gateway: UsageGateway, query: Query, { role }: Caller): Promise<JsonAnswer> {
  if (role !== 'admin') throw new GatewayError('forbidden', 'This route wants an admin key.');
  checkFields(query, 'GET /v2/admin/routing/report', ['account', 'from', 'to', 'limit', 'after']);
  const { fromDay, toDay } = daysIn(query, gateway.clock(), MOST_REPORTED_DAYS);
  const limit = limitIn(query, 1_000, MOST_EVENTS);
  const { configuration } = gateway;
  const replay = newReplay(configuration);
  const days = { fromMs: fromDay * DAY_MS, toMs: (toDay + 1) * DAY_MS };
  let next: string | undefined;
  let place: string | undefined;
  let read = 0;
  let accountDays = 0;
  for await (const { account, event } of workFrom(gateway, query.account, placeIn(query), days)) {
    const isFull = event ? read === limit : accountDays >= MOST_ACCOUNT_DAYS;
    if (isFull) {
      next = place;
      break;
    }
    if (event) {
      read += 1;
      replayEvent(replay, event, configuration);
    } else accountDays += toDay - fromDay + 1;
    place = `${account}~${event?.requestId ?? ''}`;
  }
  const range = { from: utcDayAt(days.fromMs), to: utcDayAt(toDay * DAY_MS), account: query.account ?? null };
  return { status: 200, body: { ...range, ...shown(replay), ...(next === undefined ? {} : { next }) } };
}

/** Where a page goes on: behind an event of an account, or behind the account. */
interface Place {
  account: string;
  requestId: string | undefined;
}

function placeIn({ after }: Query): Place | undefined {
  if (after === undefined) return undefined;
  const cut = after.lastIndexOf('~');
  const [account, requestId] = [after.slice(0, Math.max(0, cut)), after.slice(cut + 1)];
  if (account !== '' && (requestId === '' || isRequestId(requestId))) {
    return { account, requestId: requestId === '' ? undefined : requestId };
  }
  throw invalidRequest('after', 'after must be what the page before gave as next.');
}

/** Events, account by account; behind those of each account one entry without an event. */
async function* workFrom(
  gateway: UsageGateway,
  only: string | undefined,
  after: Place | undefined,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncGenerator<{ account: string; event?: UsageEvent }> {
  for await (const account of accountsFrom(gateway, only, after)) {
    const seen = (account === after?.account ? after.requestId : undefined) ?? '';
    const startMs = seen === '' ? fromMs : Math.max(fromMs, requestTimeMs(seen));
    for await (const event of gateway.eventsBetween(account, startMs, toMs)) {
      if (event.requestId > seen) yield { account, event };
    }
    yield { account };
  }
}

async function* accountsFrom(
  { accounts }: UsageGateway,
  only: string | undefined,
  after: Place | undefined,
): AsyncGenerator<string> {
  if (only !== undefined) {
    yield only;
    return;
  }
  if (after?.requestId !== undefined) yield after.account;
  let behind = after?.account;
  do {
    const { ids, next } = await accounts.list(behind);
    yield* ids;
    behind = next;
  } while (behind !== undefined);
}

function shown({ actual, policies, models, leftOut }: Replay) {
  return {
    requests: actual.requests,
    leftOut,
    actual: shownLine(actual),
    policies: [...policies].map(([policy, line]) => ({ policy, ...shownLine(line) })),
    models: [...models].map(([model, line]) => ({ model, ...shownLine(line) })),
  };
}

function shownLine({ requests, unfit, costMicroDollars, rated, qualitySum }: ReplayLine) {
  return {
    requests,
    unfit,
    costMicroDollars,
    costDollars: dollarsText(costMicroDollars),
    rated,
    expectedQuality: rated === 0 ? null : Math.round((qualitySum / rated) * 1_000) / 1_000,
  };
}
