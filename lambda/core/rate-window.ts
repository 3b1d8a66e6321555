/**
 * A limit on a rolling minute, as counters of short sub-windows with their total.
 *
 * An admission counts in the sub-window of its time, and leaves the total when that sub-window is SPAN sub-windows old. The
 * minute is 30 sub-windows of 2 s; SPAN is two more, because an admission may fall at the very end of its sub-window, and
 * because clocks may differ: the fastest clock moves a counter on, so an admission can be forgotten early by as much as
 * the clocks are apart. With 32, it counts for at least 62 s by its own clock, so for a full minute while clocks differ by
 * less than 2 s, and for 64 s at the most.
 */
export const SUB_WINDOW_MS = 2_000;
const MINUTE_MS = 60_000;
export const SPAN = MINUTE_MS / SUB_WINDOW_MS + 2;

/** What has been counted of one thing, as of its newest sub-window. */
export interface Counter {
  /** The number of the newest sub-window: time divided by its length. It never goes back. */
  epoch: number;
  total: number;
  /** By slot, which is epoch modulo SPAN; absent ones are 0. */
  slots: Readonly<Record<number, number>>;
}

/** The counters of an account by name. Those never charged are absent. */
export type RateWindow = Readonly<Record<string, Counter>>;

/** One thing to count against its limit. */
export interface Charge {
  counter: string;
  amount: number;
  limit: number;
}

/** The counter of this name, if there is one. */
export function counterOf(window: RateWindow, name: string): Counter | undefined {
  return Object.hasOwn(window, name) ? window[name] : undefined;
}

/** The sub-window this time falls in, or the counter's newest when another clock is ahead of ours. */
export function epochAt(counter: Counter | undefined, nowMs: number): number {
  return Math.max(counter?.epoch ?? 0, Math.floor(nowMs / SUB_WINDOW_MS));
}

/** The slot of a sub-window. */
export function slotOf(epoch: number): number {
  return epoch % SPAN;
}

/** The counter at a later epoch: what is too old has left it. */
export function counterAt(counter: Counter | undefined, epoch: number): Counter {
  if (!counter || epoch - counter.epoch >= SPAN) return { epoch, total: 0, slots: {} };
  const slots = { ...counter.slots };
  let { total } = counter;
  for (let passed = counter.epoch + 1; passed <= epoch; passed++) {
    total -= slots[slotOf(passed)] ?? 0;
    delete slots[slotOf(passed)];
  }
  return { epoch: Math.max(epoch, counter.epoch), total, slots };
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
  const judged = charges.map((charge) => {
    const held = counterOf(window, charge.counter);
    return { charge, counter: counterAt(held, epochAt(held, nowMs)) };
  });
  const refusal = judged.find(({ charge, counter }) => counter.total + charge.amount > charge.limit);
  const standings = judged.map(({ charge, counter }) => ({
    counter: charge.counter,
    limit: charge.limit,
    remaining: Math.max(0, charge.limit - counter.total - (refusal ? 0 : charge.amount)),
    resetAtMs: lastExpiryMs(counter, !refusal && charge.amount > 0),
  }));
  if (!refusal) return { allowed: true, standings };
  return {
    allowed: false,
    refusedBy: refusal.charge.counter,
    retryAtMs: roomAtMs(refusal.counter, refusal.charge),
    standings,
  };
}

/** When enough will have left the counter for this charge; the end of the window when it never fits. */
function roomAtMs({ epoch, total, slots }: Counter, { amount, limit }: Charge): number {
  let left = total;
  for (let age = SPAN - 1; age >= 0; age--) {
    left -= slots[slotOf(epoch - age)] ?? 0;
    if (left + amount <= limit) return expiryMs(epoch - age);
  }
  return expiryMs(epoch);
}

function lastExpiryMs({ epoch, slots }: Counter, includesNow: boolean): number {
  if (includesNow) return expiryMs(epoch);
  for (let age = 0; age < SPAN; age++) {
    if ((slots[slotOf(epoch - age)] ?? 0) > 0) return expiryMs(epoch - age);
  }
  return epoch * SUB_WINDOW_MS;
}

/** When the admissions of a sub-window leave the total. */
function expiryMs(epoch: number): number {
  return (epoch + SPAN) * SUB_WINDOW_MS;
}
