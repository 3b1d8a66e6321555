import {
  type Charge,
  type Counter,
  counterAt,
  counterOf,
  epochAt,
  type RateWindow,
  SPAN,
  slotOf,
} from './rate-window.ts';

/** A write to the item that holds a window: what it changes, and what must still be so for it to be right. */
export interface RateUpdate {
  /** The epoch of each charge, by counter. */
  epochs: Record<string, number>;
  /** Attributes to add to, by name; absent ones count as 0. */
  add: Record<string, number>;
  set: Record<string, number>;
  remove: string[];
  condition: {
    /** Attributes that must not be there. */
    absent: string[];
    /** Attributes that must not be above these. */
    atMost: Record<string, number>;
    /** Attributes that must hold exactly this. */
    equal: Record<string, number>;
  };
}

/** A counter's name is the attribute of its total. Names hold no spaces, so nothing else can be taken for these. */
export function slotAttribute(counter: string, slot: number): string {
  return `${counter} ${slot}`;
}

/** The attribute of a counter's newest sub-window. */
export function epochAttribute(counter: string): string {
  return `${counter} epoch`;
}

/**
 * The write that makes these charges at this time, valid only while the counters still are what `window` says. Counters
 * that are not charged are not touched, so that it stays short however many an account has.
 */
export function chargeUpdate(window: RateWindow, charges: readonly Charge[], nowMs: number): RateUpdate {
  const update: RateUpdate = {
    epochs: {},
    add: {},
    set: {},
    remove: [],
    condition: { absent: [], atMost: {}, equal: {} },
  };
  for (const charge of charges) {
    const held = counterOf(window, charge.counter);
    const epoch = epochAt(held, nowMs);
    update.epochs[charge.counter] = epoch;
    if (!held) beginCounter(update, charge, epoch);
    else if (epoch - held.epoch >= SPAN) renewCounter(update, charge, held, epoch);
    else addToCounter(update, charge, held, epoch);
  }
  return update;
}

function beginCounter({ set, condition }: RateUpdate, { counter, amount }: Charge, epoch: number): void {
  condition.absent.push(epochAttribute(counter));
  set[epochAttribute(counter)] = epoch;
  set[counter] = amount;
  set[slotAttribute(counter, slotOf(epoch))] = amount;
}

/** Everything in it is too old. */
function renewCounter(update: RateUpdate, charge: Charge, held: Counter, epoch: number): void {
  const { counter, amount } = charge;
  const slot = slotAttribute(counter, slotOf(epoch));
  update.condition.equal[epochAttribute(counter)] = held.epoch;
  Object.assign(update.set, { [epochAttribute(counter)]: epoch, [counter]: amount, [slot]: amount });
  const old = Object.keys(held.slots).map((index) => slotAttribute(counter, Number(index)));
  update.remove.push(...old.filter((attribute) => attribute !== slot));
}

/**
 * Charges of one sub-window do not disturb each other. The first of a new one also takes what is too old out of the total,
 * provided that it still is what we subtract: tokens are corrected meanwhile.
 */
function addToCounter(update: RateUpdate, { counter, amount, limit }: Charge, held: Counter, epoch: number): void {
  const { add, set, remove, condition } = update;
  const slot = slotAttribute(counter, slotOf(epoch));
  const expired = held.total - counterAt(held, epoch).total;
  condition.equal[epochAttribute(counter)] = held.epoch;
  condition.atMost[counter] = limit - amount + expired;
  add[counter] = amount - expired;
  if (epoch === held.epoch) {
    add[slot] = amount;
    return;
  }
  set[epochAttribute(counter)] = epoch;
  set[slot] = amount;
  for (let passed = held.epoch + 1; passed <= epoch; passed++) {
    const attribute = slotAttribute(counter, slotOf(passed));
    const value = held.slots[slotOf(passed)];
    if (value === undefined) continue;
    condition.equal[attribute] = value;
    if (attribute !== slot) remove.push(attribute);
  }
}
