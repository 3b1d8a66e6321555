import { type Charge, counterAt, epochAt, type RateWindow, SPAN, slotOf } from './rate-window.ts';

/** A write to the item that holds a window: what it changes, and what must still be so for it to be right. */
export interface RateUpdate {
  epoch: number;
  /** Attributes to add to, by name; absent ones count as 0. */
  add: Record<string, number>;
  set: Record<string, number>;
  remove: string[];
  condition: {
    /** The item's epoch; undefined when there must be no item yet. */
    epoch: number | undefined;
    /** Totals that must not be above these. */
    atMost: Record<string, number>;
    /** Slots that must hold exactly this, because they are about to leave the total. */
    equal: Record<string, number>;
  };
}

/** The attribute of one slot of a counter; the counter's own name is its total's. */
export function slotAttribute(counter: string, slot: number): string {
  return `${counter}.${slot}`;
}

/** The write that makes these charges at this time, valid only while the item still is what `window` says. */
export function chargeUpdate(window: RateWindow, charges: readonly Charge[], nowMs: number): RateUpdate {
  const epoch = epochAt(window, nowMs);
  if (window.epoch === 0) return firstUpdate(epoch, charges);
  if (epoch - window.epoch >= SPAN) return freshUpdate(window, epoch, charges);
  return epoch === window.epoch ? sameEpochUpdate(epoch, charges) : movingUpdate(window, epoch, charges);
}

function firstUpdate(epoch: number, charges: readonly Charge[]): RateUpdate {
  return {
    ...sameEpochUpdate(epoch, charges),
    set: { epoch },
    condition: { epoch: undefined, atMost: {}, equal: {} },
  };
}

/** Nothing has to leave: concurrent charges of the same sub-window do not disturb each other. */
function sameEpochUpdate(epoch: number, charges: readonly Charge[]): RateUpdate {
  const add: Record<string, number> = {};
  const atMost: Record<string, number> = {};
  for (const { counter, amount, limit } of charges) {
    add[counter] = amount;
    add[slotAttribute(counter, slotOf(epoch))] = amount;
    atMost[counter] = limit - amount;
  }
  return { epoch, add, set: {}, remove: [], condition: { epoch, atMost, equal: {} } };
}

/** The window moves on: what is too old leaves the totals in the same write that charges. */
function movingUpdate(window: RateWindow, epoch: number, charges: readonly Charge[]): RateUpdate {
  const update = sameEpochUpdate(epoch, charges);
  update.set = { epoch };
  update.condition.epoch = window.epoch;
  for (const [name, counter] of Object.entries(window.counters)) {
    const expired = counter.total - counterAt(window, name, epoch).total;
    for (let step = 1; step <= epoch - window.epoch; step++) {
      const slot = slotOf(window.epoch + step);
      const held = counter.slots[slot];
      if (held === undefined) continue;
      const attribute = slotAttribute(name, slot);
      update.condition.equal[attribute] = held;
      replaceSlot(update, attribute);
    }
    if (expired !== 0) update.add[name] = (update.add[name] ?? 0) - expired;
    if (name in update.condition.atMost) update.condition.atMost[name] = (update.condition.atMost[name] ?? 0) + expired;
  }
  return update;
}

/** An expired slot goes, or takes the new charge in its place. */
function replaceSlot(update: RateUpdate, attribute: string): void {
  const charged = update.add[attribute];
  if (charged === undefined) {
    update.remove.push(attribute);
    return;
  }
  delete update.add[attribute];
  update.set[attribute] = charged;
}

/** Everything is too old: all counters begin anew. */
function freshUpdate(window: RateWindow, epoch: number, charges: readonly Charge[]): RateUpdate {
  const set: Record<string, number> = { epoch };
  for (const { counter, amount } of charges) {
    set[counter] = amount;
    set[slotAttribute(counter, slotOf(epoch))] = amount;
  }
  const held = Object.entries(window.counters).flatMap(([name, { slots }]) => [
    name,
    ...Object.keys(slots).map((slot) => slotAttribute(name, Number(slot))),
  ]);
  const remove = held.filter((attribute) => !(attribute in set));
  return { epoch, add: {}, set, remove, condition: { epoch: window.epoch, atMost: {}, equal: {} } };
}
