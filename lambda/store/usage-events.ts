import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { PROCESS_LOST } from '../core/lost-call.ts';
import { firstRequestId, requestTimeMs } from '../core/request-id.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import type { Clock, UsageEvents } from '../ports.ts';
import { utcDayAt } from '../utc-day.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { queryAll } from './query-all.ts';

const DAY_SECONDS = 86_400;

export const HOUR_MS = 3_600_000;

/**
 * So long after the end of its hour an event may still come: a chat takes at most 15 minutes. One that comes later (a job's, or
 * one that is entered by hand) leaves a note first, so that the hour's sum is made again.
 */
export const LATE_AFTER_MS = 20 * 60_000;

/** Pages one list reads at most: a filter may leave little of each. */
const MOST_PAGES = 40;

/** The clocks of processes differ. */
const CLOCKS_DIFFER_MS = 2 * 60_000;

/** The first event of a request stays, but for one that only says that its process was lost. */
const ONLY_THE_FIRST = { ConditionExpression: 'attribute_not_exists(pk)' };
const UNLESS_KNOWN = {
  ConditionExpression: 'attribute_not_exists(pk) OR errorCode = :lost',
  ExpressionAttributeValues: { ':lost': PROCESS_LOST },
};

export interface UsageEventsStore extends UsageEvents {
  /** Writes down what the caller thought of an answer; false when another score stands there already. */
  score(account: string, requestId: string, score: number): Promise<boolean>;
  /** The event of a request, or undefined when the account has none with this id. */
  find(account: string, requestId: string): Promise<UsageEvent | undefined>;
  /** The newest events that fit, up to so many; `next` is where to go on, undefined at the end. */
  list(account: string, which: EventQuery, most: number): Promise<{ events: UsageEvent[]; next?: string }>;
}

/** Which events of an account: of a time, from the end of it or from `before`, an id of an event, backwards. */
export interface EventQuery {
  fromMs: number;
  toMs: number;
  before?: string;
  /** These fields must have these values. */
  fields: Readonly<Partial<Record<'model' | 'outcome' | 'user' | 'keyId', string>>>;
}

/** The ledger in the `usage` table: one item a request, at `pk = events#<account>#<day>`, `sk = <request id>`. */
export function usageEventsStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  keptDays: number,
  clock: Clock = Date.now,
): UsageEventsStore {
  const hourOf = (requestId: string) => Math.floor(requestTimeMs(requestId) / HOUR_MS);
  /** The hour of a request may have been summed up. */
  const isLate = (requestId: string) => clock() >= (hourOf(requestId) + 1) * HOUR_MS + LATE_AFTER_MS - CLOCKS_DIFFER_MS;
  const note = (account: string, requestId: string) => noteLate(client, tableName, account, hourOf(requestId), clock());
  const oldestMs = () => clock() - keptDays * DAY_SECONDS * 1_000;

  return {
    async record(event) {
      if (isLate(event.requestId)) await note(event.account, event.requestId);
      const key = eventKey(event.account, event.requestId);
      const expiresAt = Math.ceil(event.startedAtMs / 1_000) + keptDays * DAY_SECONDS;
      return unlessConditionFails(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...key, ...event, expiresAt },
            ...(event.errorCode === PROCESS_LOST ? ONLY_THE_FIRST : UNLESS_KNOWN),
          }),
        ),
      );
    },

    async score(account, requestId, score) {
      if (isLate(requestId)) await note(account, requestId);
      return unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: eventKey(account, requestId),
            UpdateExpression: 'SET score = :score',
            ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(score) OR score = :score)',
            ExpressionAttributeValues: { ':score': score },
          }),
        ),
      );
    },

    async find(account, requestId) {
      const Key = eventKey(account, requestId);
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
      return Item && Number(Item.startedAtMs) >= oldestMs() ? eventIn(Item) : undefined;
    },

    async list(account, which, most) {
      const events: UsageEvent[] = [];
      const fromMs = Math.max(which.fromMs, oldestMs());
      let { before = firstRequestId(which.toMs) } = which;
      for (let pages = 0; pages < MOST_PAGES && events.length < most; pages++) {
        if (requestTimeMs(before) < fromMs) return { events };
        const page = await pageBefore(client, tableName, account, { ...which, fromMs, before }, most - events.length);
        events.push(...page.events);
        if (page.next === undefined) return { events };
        before = page.next;
      }
      return { events, next: before };
    },
  };
}

/** One page of a day, the newest events first; `next` is where the rest begins. */
async function pageBefore(
  client: DynamoDBDocumentClient,
  tableName: string,
  account: string,
  { fromMs, before, fields }: EventQuery & { before: string },
  most: number,
): Promise<{ events: UsageEvent[]; next?: string }> {
  const isId = before.length > firstRequestId(0).length;
  const timeMs = requestTimeMs(before) - (isId ? 0 : 1);
  const dayStartMs = nextDayMs(timeMs) - DAY_SECONDS * 1_000;
  const names = Object.keys(fields);
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :before',
      ...(names.length > 0 ? { FilterExpression: names.map((name) => `#${name} = :${name}`).join(' AND ') } : {}),
      ...(names.length > 0
        ? { ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])) }
        : {}),
      ExpressionAttributeValues: {
        ':pk': partitionOf(account, timeMs),
        ':from': firstRequestId(Math.max(fromMs, dayStartMs)),
        ':before': before,
        ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])),
      },
      ScanIndexForward: false,
      // Where it is asked for what lies before an event, that event comes, too.
      Limit: most + 1,
    }),
  );
  const events = Items.filter(({ sk }) => sk !== before)
    .map(eventIn)
    .slice(0, most);
  const last = events.at(-1)?.requestId;
  if (events.length === most && last !== undefined) return { events, next: last };
  if (LastEvaluatedKey) return { events, next: String(LastEvaluatedKey.sk) };
  return dayStartMs <= fromMs ? { events } : { events, next: firstRequestId(dayStartMs) };
}

/** The events of an account that began from a time to before another, in the order of their ids. */
export async function* eventsBetween(
  client: DynamoDBDocumentClient,
  tableName: string,
  account: string,
  fromMs: number,
  toMs: number,
): AsyncGenerator<UsageEvent> {
  for (let dayMs = fromMs; dayMs < toMs; dayMs = nextDayMs(dayMs)) {
    const query = {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': partitionOf(account, dayMs),
        ':from': firstRequestId(dayMs),
        ':to': firstRequestId(Math.min(toMs, nextDayMs(dayMs))),
      },
      ConsistentRead: true,
    };
    for await (const item of queryAll(client, tableName, query)) yield eventIn(item);
  }
}

/** Says that an hour must be summed up again, since an event of it came late or changed. */
async function noteLate(
  client: DynamoDBDocumentClient,
  tableName: string,
  account: string,
  hour: number,
  notedAtMs: number,
): Promise<void> {
  const Item = { pk: `late-events#${account}`, sk: String(hour), notedAtMs };
  await client.send(new PutCommand({ TableName: tableName, Item }));
}

/** Events that were written when they were kept for longer are still there. */
const FORMER_DAYS = 400;

/** Whose events are to lose their names: an end user's, or all of the account's, that began until then. */
export interface ErasedEvents {
  account: string;
  user: string | undefined;
  untilMs: number;
}

/**
 * Takes end user and tags out of events: money and tokens stay, and nobody can tell whose they were. Their hours are summed up
 * again. Gives out each event before it is changed, for what belongs to it to go first.
 */
export async function* eraseUsers(
  client: DynamoDBDocumentClient,
  tableName: string,
  { account, user, untilMs }: ErasedEvents,
  keptDays: number,
  clock: Clock,
): AsyncGenerator<UsageEvent> {
  const fromMs = untilMs - Math.max(keptDays, FORMER_DAYS) * DAY_SECONDS * 1_000;
  let hour: number | undefined;
  // Noted before an hour changes, for a process that dies in between, and after, since notes are acted upon in a minute: also where
  // whoever takes the events gives up.
  const note = async () => {
    if (hour !== undefined) await noteLate(client, tableName, account, hour, clock());
  };
  try {
    for await (const event of eventsBetween(client, tableName, account, fromMs, untilMs + 1)) {
      if (event.user === undefined || (user !== undefined && event.user !== user)) continue;
      const itsHour = Math.floor(requestTimeMs(event.requestId) / HOUR_MS);
      if (itsHour !== hour) {
        await note();
        hour = itsHour;
        await note();
      }
      yield event;
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: eventKey(account, event.requestId),
          UpdateExpression: 'REMOVE #user, tags SET isErased = :yes',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: { '#user': 'user' },
          ExpressionAttributeValues: { ':yes': true },
        }),
      );
    }
  } finally {
    await note();
  }
}

/** The notes of events that came late: `sk` is the hour, since the epoch. */
export function lateEventsOf(client: DynamoDBDocumentClient, tableName: string, account: string) {
  return queryAll(client, tableName, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': `late-events#${account}` },
    ConsistentRead: true,
  });
}

/** The day of an hour since the epoch, as `2026-11-24`. All days of the ledger are UTC. */
export function dayOfHour(hour: number): string {
  return utcDayAt(hour * HOUR_MS);
}

function nextDayMs(timeMs: number): number {
  return (Math.floor(timeMs / (DAY_SECONDS * 1_000)) + 1) * DAY_SECONDS * 1_000;
}

function partitionOf(account: string, timeMs: number): string {
  return `events#${account}#${utcDayAt(timeMs)}`;
}

function eventIn({ pk: _pk, sk: _sk, expiresAt: _expiresAt, ...event }: Record<string, unknown>): UsageEvent {
  return event as unknown as UsageEvent;
}

/** The day is the request's own (UTC), read off its id: a repeated write finds the same item. */
function eventKey(account: string, requestId: string): { pk: string; sk: string } {
  return { pk: partitionOf(account, requestTimeMs(requestId)), sk: requestId };
}
