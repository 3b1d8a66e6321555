import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { UsageEvent } from '../core/usage-event.ts';
import {
  addEvent,
  addSummary,
  type Filters,
  fits,
  mayHold,
  newSummary,
  piecesOf,
  summaryFrom,
  summaryText,
  type UsageSummary,
} from '../core/usage-summary.ts';
import type { Clock } from '../ports.ts';
import type { SummedDay, UsageSummaries, WhichEvents } from '../usage-sums.ts';
import { queryAll } from './query-all.ts';
import { dayOfHour, eventsBetween, HOUR_MS, LATE_AFTER_MS, lateEventsOf } from './usage-events.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** So many compress to less than an item may have. */
const MOST_USERS = 4_000;

const HOURS_A_DAY = 24;

/** How many hours one turn closes: what is left is closed by the next. */
const HOURS_A_TURN = 48;

/** A late event is written right after its note; a note that is younger may be ahead of it. */
const NOTE_SETTLES_MS = 60_000;

/** Hours and days since the epoch: all before are closed; those before `since` have no summaries, only events. */
interface Closed {
  since: number;
  hour: number;
  day: number;
}

/** Takes those events that fit into a summary, in place. How many were looked at: no more than one above the most. */
async function addFitting(
  summary: UsageSummary,
  events: AsyncGenerator<UsageEvent>,
  { filters, seenAs, mostEvents }: WhichEvents,
): Promise<number> {
  let looked = 0;
  for await (const event of events) {
    looked += 1;
    if (looked > mostEvents) break;
    const seen = seenAs(event);
    if (fits(seen, filters)) addEvent(summary, seen);
  }
  return looked;
}

/** A day and its hours so far, all since the epoch. */
interface BegunDay {
  day: number;
  from: number;
  to: number;
}

/**
 * Sums of the ledger in the `usage` table. An hour is summed up from its events once none of them can still be missing, a day
 * from its hours; what is open is summed up when it is asked for. Nothing is ever added to a stored sum: an hour that had a
 * late event is summed up anew, so that doing anything twice changes nothing. Summaries are kept as long as events are.
 *
 * Places: `pk = usage-hours#<account>#<day>`, `sk = <hour>#<piece>`; `pk = usage-days#<account>`, `sk = <day>#<piece>`;
 * `pk = usage-closed#<account>`, `sk = closed`.
 */
export function usageSummariesStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  keptDays: number,
  clock: Clock,
): UsageSummaries {
  const hourPlace = (account: string, hour: number) => ({
    pk: `usage-hours#${account}#${dayOfHour(hour)}`,
    sk: String(hour),
  });
  const dayPlace = (account: string, day: number) => ({
    pk: `usage-days#${account}`,
    sk: dayOfHour(day * HOURS_A_DAY),
  });

  async function closedUntil(account: string): Promise<Closed | undefined> {
    const Key = { pk: `usage-closed#${account}`, sk: 'closed' };
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
    return Item as Closed | undefined;
  }

  async function sumOfEvents(account: string, fromHour: number, toHour: number): Promise<UsageSummary> {
    const summary = newSummary();
    for await (const event of eventsBetween(client, tableName, account, fromHour * HOUR_MS, toHour * HOUR_MS)) {
      addEvent(summary, event);
    }
    return summary;
  }

  /** The sum of all pieces whose sort keys lie in this range. */
  async function sumOfPieces(pk: string, from: string, to: string): Promise<UsageSummary> {
    const summary = newSummary();
    const query: Omit<QueryCommandInput, 'TableName'> = {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': `${to}#~` },
      ConsistentRead: true,
    };
    for await (const { piece } of queryAll(client, tableName, query)) {
      addSummary(summary, summaryFrom((await decompress(piece as Uint8Array)).toString('utf8')));
    }
    return summary;
  }

  /** Puts a sum where it belongs, in place of the one that was there. */
  async function put({ pk, sk }: { pk: string; sk: string }, summary: UsageSummary, endedAtMs: number): Promise<void> {
    const expiresAt = Math.ceil(endedAtMs / 1_000) + keptDays * 86_400;
    const { requests, sideCalls } = summary.totals;
    const pieces = requests + sideCalls === 0 ? [] : [...piecesOf(summary, MOST_USERS)];
    const query = {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': pk, ':sk': `${sk}#` },
      ProjectionExpression: 'sk',
    };
    const surplus: string[] = [];
    for await (const known of queryAll(client, tableName, query)) {
      if (Number(String(known.sk).slice(sk.length + 1)) >= pieces.length) surplus.push(String(known.sk));
    }
    for (const [index, piece] of pieces.entries()) {
      const Item = { pk, sk: `${sk}#${index}`, piece: await compress(summaryText(piece)), expiresAt };
      await client.send(new PutCommand({ TableName: tableName, Item }));
    }
    for (const old of surplus) await client.send(new DeleteCommand({ TableName: tableName, Key: { pk, sk: old } }));
  }

  async function closeHour(account: string, hour: number): Promise<void> {
    await put(hourPlace(account, hour), await sumOfEvents(account, hour, hour + 1), (hour + 1) * HOUR_MS);
  }

  async function closeDay(account: string, day: number): Promise<void> {
    const { pk } = hourPlace(account, day * HOURS_A_DAY);
    const summary = await sumOfPieces(pk, '', '~');
    await put(dayPlace(account, day), summary, (day + 1) * HOURS_A_DAY * HOUR_MS);
  }

  /** Hours that had an event after they were closed are summed up anew, and so are their days. */
  async function closeAgain(account: string, closed: Closed): Promise<void> {
    for await (const { pk, sk, notedAtMs } of lateEventsOf(client, tableName, account)) {
      if (Number(notedAtMs) > clock() - NOTE_SETTLES_MS) continue;
      const hour = Number(sk);
      const day = Math.floor(hour / HOURS_A_DAY);
      if (hour >= closed.since && hour < closed.hour) await closeHour(account, hour);
      if (hour >= closed.since && day < closed.day) await closeDay(account, day);
      await client
        .send(
          new DeleteCommand({
            TableName: tableName,
            Key: { pk, sk },
            ConditionExpression: 'notedAtMs = :noted',
            ExpressionAttributeValues: { ':noted': notedAtMs },
          }),
        )
        // Another came meanwhile: its turn comes.
        .catch(() => {});
    }
  }

  return {
    async close(account) {
      const known = await closedUntil(account);
      const firstOpen = Math.floor((clock() - LATE_AFTER_MS) / HOUR_MS);
      const since = known?.since ?? Math.floor(firstOpen / HOURS_A_DAY) * HOURS_A_DAY;
      const closed = { since, hour: known?.hour ?? since, day: known?.day ?? since / HOURS_A_DAY };
      await closeAgain(account, closed);
      const until = Math.min(firstOpen, closed.hour + HOURS_A_TURN);
      if (known && until <= closed.hour) return;
      for (let hour = closed.hour; hour < until; hour++) await closeHour(account, hour);
      const untilDay = Math.floor(until / HOURS_A_DAY);
      for (let day = closed.day; day < untilDay; day++) await closeDay(account, day);
      const Item = { pk: `usage-closed#${account}`, sk: 'closed', since, hour: until, day: untilDay };
      await client.send(new PutCommand({ TableName: tableName, Item }));
    },

    async read(account, fromDay, toDay) {
      const closed = await closedUntil(account);
      const days: SummedDay[] = [];
      for (const { day, from, to } of begunDays(fromDay, toDay)) {
        days.push({ day: dayOfHour(from), summary: await sumOfDay(account, day, to, closed) });
      }
      return days;
    },

    async readWhere(account, fromDay, toDay, which) {
      const closed = await closedUntil(account);
      const days: SummedDay[] = [];
      let left = which.mostEvents;
      for (const { day, from, to } of begunDays(fromDay, toDay)) {
        const summary = newSummary();
        days.push({ day: dayOfHour(from), summary });
        if (!(await isWorthALook(account, { day, from, to }, closed, which.filters))) continue;
        const events = eventsBetween(client, tableName, account, from * HOUR_MS, to * HOUR_MS);
        left -= await addFitting(summary, events, { ...which, mostEvents: left });
        if (left < 0) return undefined;
      }
      return days;
    },
  };

  /** False for a day that is over and whose sum lacks what is asked for. */
  async function isWorthALook(
    account: string,
    { day, from, to }: BegunDay,
    closed: Closed | undefined,
    filters: Filters,
  ) {
    const isSummed = closed !== undefined && from >= closed.since && day < closed.day;
    return !isSummed || mayHold(await sumOfDay(account, day, to, closed), filters);
  }

  /** The days that have begun, and their hours since the epoch. */
  function* begunDays(fromDay: number, toDay: number): Generator<BegunDay> {
    const open = Math.ceil((clock() + 1) / HOUR_MS);
    for (let day = fromDay; day <= toDay; day++) {
      const from = day * HOURS_A_DAY;
      const to = Math.min(from + HOURS_A_DAY, open);
      if (from < to) yield { day, from, to };
    }
  }

  async function sumOfDay(account: string, day: number, to: number, closed: Closed | undefined): Promise<UsageSummary> {
    const from = day * HOURS_A_DAY;
    if (!closed || from < closed.since) return sumOfEvents(account, from, to);
    if (day < closed.day) {
      const { pk, sk } = dayPlace(account, day);
      return sumOfPieces(pk, `${sk}#`, sk);
    }
    const { pk } = hourPlace(account, from);
    const summary = from < closed.hour ? await sumOfPieces(pk, '', '~') : newSummary();
    addSummary(summary, await sumOfEvents(account, Math.max(from, closed.hour), to));
    return summary;
  }
}
