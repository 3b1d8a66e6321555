/**
 * A limit on a rolling minute, as counters of short sub-windows with their total.
 *
 * An admission counts in the sub-window of its time, and leaves the total when that sub-window is SPAN sub-windows old. The
 * minute is 30 sub-windows of 2 s; SPAN is two more, because an admission may fall at the very end of its sub-window, and
 * because clocks may differ: the fastest clock moves the window on, so an admission can be forgotten early by as much as
 * the clocks are apart. With 32, it counts for at least 62 s by its own clock, so for a full minute while clocks differ by
 * less than 2 s, and for 64 s at the most.
 */
export const SUB_WINDOW_MS = 2_000;
const MINUTE_MS = 60_000;
export const SPAN = MINUTE_MS / SUB_WINDOW_MS + 2;

/** The counters of one limited thing, by sub-window slot (epoch modulo SPAN); absent slots are 0. */
export interface Counter {
  total: number;
  slots: Readonly<Record<number, number>>;
}

/** All counters of an account, as of one epoch. */
export interface RateWindow {
  /** The number of the newest sub-window: time divided by its length. It never goes back. */
  epoch: number;
  counters: Readonly<Record<string, Counter>>;
}

/** One thing to count against its limit. */
export interface Charge {
  counter: string;
  amount: number;
  limit: number;
}

export const EMPTY_WINDOW: RateWindow = { epoch: 0, counters: {} };
const EMPTY_COUNTER: Counter = { total: 0, slots: {} };

/** The sub-window this time falls in, or the window's newest when another clock is ahead of ours. */
export function epochAt(window: RateWindow, nowMs: number): number {
  return Math.max(window.epoch, Math.floor(nowMs / SUB_WINDOW_MS));
}

/** The slot of a sub-window. */
export function slotOf(epoch: number): number {
  return epoch % SPAN;
}

/** The counter at a later epoch: what is too old has left it. */
export function counterAt(window: RateWindow, name: string, epoch: number): Counter {
  const counter = Object.hasOwn(window.counters, name) ? (window.counters[name] as Counter) : EMPTY_COUNTER;
  const steps = epoch - window.epoch;
  if (steps <= 0) return counter;
  if (steps >= SPAN) return EMPTY_COUNTER;
  const slots = { ...counter.slots };
  let { total } = counter;
  for (let step = 1; step <= steps; step++) {
    const slot = slotOf(window.epoch + step);
    total -= slots[slot] ?? 0;
    delete slots[slot];
  }
  return { total, slots };
}

/** Where one limit stands, in the terms of OpenAI's `x-ratelimit-*` headers. */
export interface Standing {
  counter: string;
  limit: number;
  remaining: number;
  /** When everything counted now will have left the window, epoch milliseconds. */
  resetAtMs: number;
}

export type Verdict =
  | { allowed: true; standings: Standing[] }
  | { allowed: false; refusedBy: string; retryAtMs: number; standings: Standing[] };

/** Whether all charges fit at this time, and where each limit stands: after the charges if they fit, before if not. */
export function judgeCharges(window: RateWindow, charges: readonly Charge[], nowMs: number): Verdict {
  const epoch = epochAt(window, nowMs);
  const judged = charges.map((charge) => ({ charge, counter: counterAt(window, charge.counter, epoch) }));
  const refusal = judged.find(({ charge, counter }) => counter.total + charge.amount > charge.limit);
  const standings = judged.map(({ charge, counter }) => ({
    counter: charge.counter,
    limit: charge.limit,
    remaining: Math.max(0, charge.limit - counter.total - (refusal ? 0 : charge.amount)),
    resetAtMs: lastExpiryMs(counter, epoch, !refusal && charge.amount > 0),
  }));
  if (!refusal) return { allowed: true, standings };
  const retryAtMs = roomAtMs(refusal.counter, refusal.charge, epoch);
  return { allowed: false, refusedBy: refusal.charge.counter, retryAtMs, standings };
}

/** When enough will have left the counter for this charge; the end of the window when it never fits. */
function roomAtMs(counter: Counter, charge: Charge, epoch: number): number {
  let { total } = counter;
  for (let age = SPAN - 1; age >= 0; age--) {
    total -= counter.slots[slotOf(epoch - age)] ?? 0;
    if (total + charge.amount <= charge.limit) return expiryMs(epoch - age);
  }
  return expiryMs(epoch);
}

function lastExpiryMs(counter: Counter, epoch: number, includesNow: boolean): number {
  if (includesNow) return expiryMs(epoch);
  for (let age = 0; age < SPAN; age++) {
    if ((counter.slots[slotOf(epoch - age)] ?? 0) > 0) return expiryMs(epoch - age);
  }
  return epoch * SUB_WINDOW_MS;
}

/** When the admissions of a sub-window leave the total. */
function expiryMs(epoch: number): number {
  return (epoch + SPAN) * SUB_WINDOW_MS;
}
