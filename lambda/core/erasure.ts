import type { UsageEvent } from './usage-event.ts';

/** An order to erase what is known of an end user, or of all end users of an account. */
export interface Erasure {
  id: string;
  account: string;
  /** Undefined for all of the account. */
  user?: string;
  requestedAtMs: number;
  state: 'under way' | 'done';
  /** What was erased so far. */
  requests: number;
  keptAnswers: number;
  /** When it was done, and when the last backup that may still hold something will be gone; epoch milliseconds. */
  doneAtMs?: number;
  backupsUntilMs?: number;
}

/**
 * A request that began before the order may end, and write its event, as long after: a chat takes at most 15 minutes. What is
 * written meanwhile is erased by a second turn.
 */
const LATEST_WRITE_MS = 20 * 60_000;

/** DynamoDB keeps point-in-time recovery for so long (developer guide, "Point-in-time backups"). */
const BACKUPS_KEPT_MS = 35 * 86_400_000;

/** An order after one of its turns, which erased so much. */
export function afterTurn(erasure: Erasure, erased: { requests: number; keptAnswers: number }, nowMs: number): Erasure {
  const more = {
    ...erasure,
    requests: erasure.requests + erased.requests,
    keptAnswers: erasure.keptAnswers + erased.keptAnswers,
  };
  if (nowMs < erasure.requestedAtMs + LATEST_WRITE_MS) return more;
  return { ...more, state: 'done', doneAtMs: nowMs, backupsUntilMs: nowMs + BACKUPS_KEPT_MS };
}

type Orders = readonly Pick<Erasure, 'user' | 'requestedAtMs'>[];

/** True when an order is about this event, whether or not it has been carried out: nobody is shown whose it is any more. */
function isErased({ startedAtMs, user }: UsageEvent, orders: Orders): boolean {
  if (user === undefined) return false;
  return orders.some(
    (order) => startedAtMs <= order.requestedAtMs && (order.user === undefined || order.user === user),
  );
}

/** An event as it is once the orders about it are carried out. */
export function withoutErased(event: UsageEvent, orders: Orders): UsageEvent {
  if (!isErased(event, orders)) return event;
  const { user: _user, tags: _tags, ...anonymous } = event;
  return anonymous;
}
