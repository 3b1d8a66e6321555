import { given } from './given.ts';
import type { UsageEvent } from './usage-event.ts';

/**
 * What can be erased, as a receipt counts it: usage events lose their names; answers in the response cache, jobs, answers for an
 * `Idempotency-Key`, conversations, plans of chats and marks of scores are removed.
 */
const ERASED_KINDS = [
  'requests',
  'keptAnswers',
  'jobs',
  'idempotentAnswers',
  'conversations',
  'plans',
  'scores',
] as const;

export type ErasedCounts = Record<(typeof ERASED_KINDS)[number], number>;

/** An order to erase what is known of an end user, or of all end users of an account, and how much was erased so far. */
export interface Erasure extends ErasedCounts {
  id: string;
  account: string;
  /** Undefined for all of the account. */
  user?: string;
  requestedAtMs: number;
  state: 'under way' | 'done';
  /** It has had its first turn; its next is the last. */
  hasBegun?: true;
  /** When it was done, and when the last backup that may still hold something will be gone; epoch milliseconds. */
  doneAtMs?: number;
  backupsUntilMs?: number;
}

/** What no order reaches, as each receipt says. */
export const EXPIRING = [
  { what: 'leases on calls, their answers encrypted', within: 'two minutes' },
  { what: 'memory of running processes', within: 'minutes' },
  { what: 'log lines of requests', within: 'logRetentionDays' },
] as const;

/**
 * A request that began before the order may end, and write its event, as long after: a chat takes at most 15 minutes. What is
 * written meanwhile is erased by a second turn.
 */
const LATEST_WRITE_MS = 20 * 60_000;

/** DynamoDB keeps point-in-time recovery for so long (developer guide, "Point-in-time backups"). */
const BACKUPS_KEPT_MS = 35 * 86_400_000;

/** Sums of hours that had an erased event are made anew within two sweeps of all accounts. */
const SUMS_ANEW_MS = 35 * 60_000;

export function noneErased(): ErasedCounts {
  return Object.fromEntries(ERASED_KINDS.map((kind) => [kind, 0])) as ErasedCounts;
}

/** An order that has just come. */
export function newErasure(id: string, account: string, user: string | undefined, requestedAtMs: number): Erasure {
  return { id, account, ...given({ user }), requestedAtMs, state: 'under way', ...noneErased() };
}

/** True when the order is to have a turn now: its first, or its last. */
export function isDue(erasure: Erasure, nowMs: number): boolean {
  return !erasure.hasBegun || isLastTurn(erasure, nowMs);
}

/** True when nothing that began before the order can still be written: this turn is the last. */
export function isLastTurn({ requestedAtMs }: Erasure, nowMs: number): boolean {
  return nowMs >= requestedAtMs + LATEST_WRITE_MS;
}

/** An order after one of its turns, which erased so much. */
export function afterTurn(erasure: Erasure, erased: ErasedCounts, nowMs: number): Erasure {
  const counts = ERASED_KINDS.map((kind) => [kind, (erasure[kind] ?? 0) + erased[kind]]);
  const more: Erasure = { ...erasure, ...Object.fromEntries(counts), hasBegun: true };
  if (!isLastTurn(erasure, nowMs)) return more;
  return { ...more, state: 'done', doneAtMs: nowMs, backupsUntilMs: nowMs + BACKUPS_KEPT_MS };
}

type Order = Pick<Erasure, 'user' | 'requestedAtMs'>;

/** True when the order is about what this end user began at this time: about nobody who has no name, and nothing later. */
export function isAbout(order: Order, { user, startedAtMs }: { user?: string; startedAtMs: number }): boolean {
  if (user === undefined) return false;
  return startedAtMs <= order.requestedAtMs && (order.user === undefined || order.user === user);
}

/** An event as it is once the orders about it are carried out: nobody is shown whose it is any more. */
export function withoutErased(event: UsageEvent, orders: readonly Order[]): UsageEvent {
  if (!orders.some((order) => isAbout(order, event))) return event;
  const { user: _user, tags: _tags, ...anonymous } = event;
  return { ...anonymous, isErased: true };
}

/** True while something may still name an end user whom an order is about: it is shown to nobody. */
export function isHidden(
  user: string | undefined,
  orders: readonly Pick<Erasure, 'user' | 'state' | 'doneAtMs'>[],
  nowMs: number,
): boolean {
  if (user === undefined) return false;
  return orders.some(({ user: erased, state, doneAtMs = 0 }) => {
    const isFresh = state === 'under way' || nowMs < doneAtMs + SUMS_ANEW_MS;
    return isFresh && (erased === undefined || erased === user);
  });
}
