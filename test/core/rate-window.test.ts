import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargeUpdate, slotAttribute } from '../../lambda/core/rate-update.ts';
import { epochAt, judgeCharges, type RateWindow, SPAN, SUB_WINDOW_MS } from '../../lambda/core/rate-window.ts';
import { readState } from '../../lambda/store/rate-item.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T12:00:00Z');

/** An item as the store would hold it, with DynamoDB's rules for ADD, SET, REMOVE and the condition. */
class Item {
  attributes: Record<string, number> = {};

  window(): RateWindow {
    return readState(Object.keys(this.attributes).length === 0 ? undefined : this.attributes).window;
  }

  /** Applies the update that was made for this view; false when its condition does not hold. */
  charge(view: RateWindow, charges: Parameters<typeof chargeUpdate>[1], now: number): boolean {
    const { add, set, remove, condition } = chargeUpdate(view, charges, now);
    const held = this.attributes;
    const holds =
      condition.absent.every((name) => held[name] === undefined) &&
      Object.entries(condition.atMost).every(([name, most]) => (held[name] ?? Number.POSITIVE_INFINITY) <= most) &&
      Object.entries(condition.equal).every(([name, value]) => held[name] === value);
    if (!holds) return false;
    for (const [name, amount] of Object.entries(add)) held[name] = (held[name] ?? 0) + amount;
    Object.assign(held, set);
    for (const name of remove) delete held[name];
    return true;
  }
}

/** One caller's request: looks (perhaps at something old), judges, charges, looks again when it lost a race. */
function request(item: Item, view: RateWindow, limit: number, now: number): boolean {
  const charges = [{ counter: 'r', amount: 1, limit }];
  let seen = view;
  for (let tries = 0; tries < 5; tries++) {
    if (!judgeCharges(seen, charges, now).allowed) return false;
    if (item.charge(seen, charges, now)) return true;
    seen = item.window();
  }
  throw new Error('it must get through');
}

interface Move {
  waitMs: number;
  skewMs: number;
  usesOldView: boolean;
  burst: number;
}

/** Plays the moves of callers against one item; when they were admitted. */
function play(moves: Move[], limit: number): number[] {
  const item = new Item();
  const admitted: number[] = [];
  let now = START;
  let oldView: RateWindow = {};
  for (const { waitMs, skewMs, usesOldView, burst } of moves) {
    now += waitMs;
    const view = usesOldView ? oldView : item.window();
    const isAdmitted = Array.from({ length: burst }, () => request(item, view, limit, now + skewMs));
    admitted.push(...isAdmitted.filter(Boolean).map(() => now));
    oldView = item.window();
  }
  return admitted;
}

describe('a limit on a rolling minute', () => {
  it('holds in every window, whatever callers do, with stale views and clocks 400 ms apart', () => {
    const steps = fc.array(
      fc.record({
        waitMs: fc.nat(9_000),
        skewMs: fc.integer({ min: -200, max: 200 }),
        usesOldView: fc.boolean(),
        burst: fc.integer({ min: 1, max: 6 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 12 }), (moves, limit) => {
        const admitted = play(moves, limit);
        for (const end of admitted) {
          expect(admitted.filter((at) => at > end - MINUTE && at <= end).length).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('lets an idle caller use all of it at once, and again after at most 64 s', () => {
    const item = new Item();
    for (let count = 0; count < 10; count++) expect(request(item, item.window(), 10, START)).toBe(true);
    expect(request(item, item.window(), 10, START)).toBe(false);
    expect(request(item, item.window(), 10, START + MINUTE)).toBe(false);
    for (let count = 0; count < 10; count++) expect(request(item, item.window(), 10, START + 64_000)).toBe(true);
  });

  it('says truly when the next request will pass', () => {
    const item = new Item();
    expect(request(item, item.window(), 2, START)).toBe(true);
    expect(request(item, item.window(), 2, START + 30_000)).toBe(true);
    const verdict = judgeCharges(item.window(), [{ counter: 'r', amount: 1, limit: 2 }], START + 31_000);
    if (verdict.allowed) throw new Error('it is full');
    expect(request(item, item.window(), 2, verdict.retryAtMs - 1)).toBe(false);
    expect(request(item, item.window(), 2, verdict.retryAtMs)).toBe(true);
  });

  it('charges all counters or none', () => {
    const item = new Item();
    const charges = [
      { counter: 'r', amount: 1, limit: 100 },
      { counter: 't', amount: 60, limit: 100 },
    ];
    expect(item.charge(item.window(), charges, START)).toBe(true);
    expect(judgeCharges(item.window(), charges, START)).toMatchObject({ allowed: false, refusedBy: 't' });
    expect(item.charge(item.window(), charges, START)).toBe(false);
    expect(item.window()).toMatchObject({ r: { total: 1 }, t: { total: 60 } });
  });

  it('keeps total and slots equal, however tokens are corrected meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20_000), fc.nat(100), fc.nat(100)), { maxLength: 40 }), (moves) => {
        const item = new Item();
        let now = START;
        for (const [waitMs, tokens, kept] of moves) {
          now += waitMs;
          const charges = [{ counter: 't', amount: tokens, limit: 1e9 }];
          const view = item.window();
          if (!item.charge(view, charges, now)) throw new Error('nobody else is there');
          const slot = slotAttribute('t', epochAt(item.window().t, now) % SPAN);
          const difference = Math.min(kept, tokens) - tokens;
          item.attributes[slot] = (item.attributes[slot] ?? 0) + difference;
          item.attributes.t = (item.attributes.t ?? 0) + difference;
          const { total, slots } = item.window().t ?? { total: 0, slots: {} };
          expect(Object.values(slots).reduce((sum, value) => sum + value, 0)).toBe(total);
          expect(Object.keys(slots).length).toBeLessThanOrEqual(SPAN);
        }
      }),
    );
  });

  it('is made of sub-windows that cover a minute and two more', () => {
    expect((SPAN - 2) * SUB_WINDOW_MS).toBe(MINUTE);
  });
});
