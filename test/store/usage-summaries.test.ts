import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROCESS_LOST } from '../../lambda/core/lost-call.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import {
  addEvent,
  addSummary,
  type Filters,
  fits,
  newSummary,
  partOf,
  percentilesOf,
  type UsageSummary,
} from '../../lambda/core/usage-summary.ts';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { usageSummariesStore } from '../../lambda/store/usage-summaries.ts';
import { utcDayAt } from '../../lambda/utc-day.ts';
import { localTableName } from '../../local/dynamo.ts';
import { anyUsageEvent } from '../core/any-usage-event.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A midnight. */
const START_MS = Math.floor(1_900_000_000_000 / DAY_MS) * DAY_MS;
const FIRST_DAY = START_MS / DAY_MS;

/** An account with a clock of its own. */
function account() {
  let nowMs = START_MS;
  const id = `account-${randomUUID()}`;
  const events = usageEventsStore(database.client, localTableName('usage'), 400, () => nowMs);
  const summaries = usageSummariesStore(database.client, localTableName('usage'), 400, () => nowMs);
  const total = async (fromDay = FIRST_DAY, toDay = FIRST_DAY + 3): Promise<UsageSummary> => {
    const sum = newSummary();
    for (const { summary } of await summaries.read(id, fromDay, toDay)) addSummary(sum, summary);
    return sum;
  };
  return {
    id,
    events,
    summaries,
    total,
    setNow: (ms: number) => {
      nowMs = ms;
    },
    make: (fromMs: number, toMs: number, count: number) =>
      fc.sample(anyUsageEvent(id, START_MS + fromMs, START_MS + toMs), count),
  };
}

function sumOf(events: readonly UsageEvent[]) {
  const summary = newSummary();
  for (const event of events) addEvent(summary, event);
  return summary;
}

describe('sums of the ledger', () => {
  it('are those of its events, whenever hours and days are closed and however often an event is written', async () => {
    const { id, events, summaries, total, setNow, make } = account();
    const all: UsageEvent[] = [];
    // Three days, by steps of two to eleven hours; events are written up to three times, each time in another order.
    for (let atMs = 0; atMs < 3 * DAY_MS; ) {
      const stepMs = (2 + ((atMs / HOUR_MS) % 10)) * HOUR_MS;
      const some = make(atMs, atMs + stepMs, 8);
      all.push(...some);
      setNow(START_MS + atMs + stepMs);
      for (let times = 0; times < 3; times++) {
        for (const event of some.toSorted(() => Math.random() - 0.5)) await events.record(event);
      }
      expect((await total()).totals).toEqual(sumOf(all).totals);
      await summaries.close(id);
      if (stepMs % 2 === 0) await summaries.close(id);
      expect((await total()).totals).toEqual(sumOf(all).totals);
      atMs += stepMs;
    }
    setNow(START_MS + 5 * DAY_MS);
    await summaries.close(id);
    await summaries.close(id);
    const sum = await total();
    expect(sum.totals).toEqual(sumOf(all).totals);
    expect(new Map([...sum.groups.user].toSorted())).toEqual(new Map([...sumOf(all).groups.user].toSorted()));
    // A month is its days.
    const days = await summaries.read(id, FIRST_DAY, FIRST_DAY + 3);
    expect(days.reduce((money, { summary }) => money + summary.totals.costMicroDollars, 0)).toBe(
      sum.totals.costMicroDollars,
    );
  });

  it('by day and by month are its rows, whatever is written up to three times, in any order, while hours are closed', async () => {
    const anyEvent = anyUsageEvent('acme', START_MS, START_MS + 3 * DAY_MS);
    // One to three times each, some preceded or followed by a row that says their process was lost.
    const anyWrites = fc.array(anyEvent, { minLength: 1, maxLength: 12 }).chain((some) => {
      const lost = some.map((event) => ({ ...event, errorCode: PROCESS_LOST, costMicroDollars: 5 }));
      return fc.tuple(
        fc.constant(some),
        fc.shuffledSubarray([...lost, ...some, ...some]),
        fc.integer({ min: 1, max: 5 }),
      );
    });
    await fc.assert(
      fc.asyncProperty(anyWrites, async ([some, writes, closesAfter]) => {
        const { id, events, summaries, setNow } = account();
        const ofAccount = (event: UsageEvent) => ({ ...event, account: id });
        for (const [index, event] of [...writes, ...some].entries()) {
          setNow(START_MS + 3 * DAY_MS + index * 11 * 60_000);
          await events.record(ofAccount(event));
          if (index % closesAfter === 0) await summaries.close(id);
        }
        // Notes are acted upon once they are a minute old.
        for (const hours of [10, 11]) {
          setNow(START_MS + 3 * DAY_MS + hours * HOUR_MS);
          await summaries.close(id);
        }
        const days = await summaries.read(id, FIRST_DAY, FIRST_DAY + 3);
        const month = newSummary();
        for (const { day, summary } of days) {
          addSummary(month, summary);
          expect(summary.totals).toEqual(sumOf(some.filter(({ startedAtMs }) => utcDayAt(startedAtMs) === day)).totals);
        }
        expect(month.totals).toEqual(sumOf(some).totals);
      }),
      { numRuns: 25 },
    );
  });

  it('take in an event that comes days late, once', async () => {
    const { id, events, summaries, total, setNow, make } = account();
    const early = make(0, DAY_MS, 5);
    for (const event of early) await events.record(event);
    setNow(START_MS + 2 * DAY_MS);
    await summaries.close(id);
    const [late] = make(3 * HOUR_MS, 4 * HOUR_MS, 1) as [UsageEvent];
    await events.record(late);
    await events.record(late);
    // The note may be ahead of the event for a moment, and is left alone.
    await summaries.close(id);
    setNow(START_MS + 2 * DAY_MS + 2 * 60_000);
    await summaries.close(id);
    await summaries.close(id);
    expect((await total()).totals).toEqual(sumOf([...early, late]).totals);
  });

  it('take in a score that is given days later, once; another one does not replace it', async () => {
    const { id, events, summaries, total, setNow, make } = account();
    const [event] = make(0, HOUR_MS, 1) as [UsageEvent];
    const { score: _score, side: _side, ...unscored } = event;
    await events.record(unscored);
    setNow(START_MS + 2 * DAY_MS);
    await summaries.close(id);
    expect(await events.score(id, event.requestId, 0.25)).toBe(true);
    expect(await events.score(id, event.requestId, 0.25)).toBe(true);
    expect(await events.score(id, event.requestId, 1)).toBe(false);
    setNow(START_MS + 2 * DAY_MS + 2 * 60_000);
    await summaries.close(id);
    const { totals } = await total();
    expect([totals.requests, totals.scored, totals.scoreThousandths]).toEqual([1, 1, 250]);
    expect((await events.find(id, event.requestId))?.score).toBe(0.25);
  });

  it('know what was there before anything was summed up', async () => {
    const { id, events, summaries, total, setNow, make } = account();
    const old = make(0, DAY_MS, 5);
    for (const event of old) await events.record(event);
    setNow(START_MS + 2.5 * DAY_MS);
    await summaries.close(id);
    expect((await total()).totals).toEqual(sumOf(old).totals);
  });

  it('hold more end users than fit into one item', async () => {
    const { id, events, summaries, total, setNow, make } = account();
    const [{ side: _side, ...event }] = make(0, HOUR_MS, 1) as [UsageEvent];
    const users = 4_500;
    const many = Array.from({ length: users }, (_, index) => ({
      ...event,
      requestId: event.requestId.slice(0, -12) + index.toString(16).padStart(12, '0'),
      user: `user-${randomUUID()}`,
    }));
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let index = lane; index < users; index += 20) await events.record(many[index] as UsageEvent);
      }),
    );
    setNow(START_MS + 2 * DAY_MS);
    await summaries.close(id);
    const sum = await total();
    expect([sum.totals.requests, sum.groups.user.size]).toEqual([users, users]);
  });

  it('of requests that have all that is asked for are those of just these events, over closed and open days', async () => {
    const { id, events, summaries, setNow, make } = account();
    const all = make(0, 2.5 * DAY_MS, 60);
    for (const event of all) await events.record(event);
    await summaries.close(id);
    setNow(START_MS + 2.5 * DAY_MS);
    await summaries.close(id);
    const seenAs = (event: UsageEvent) => event;
    const asked: Filters[] = [
      { model: 'openai/gpt-4o', user: 'ada' },
      { provider: 'anthropic', tag: '__proto__' },
      { key: 'key_1', user: 'bob', tag: 'ada' },
      { user: 'nobody', model: 'openai/gpt-4o' },
    ];
    for (const filters of asked) {
      const days = await summaries.readWhere(id, FIRST_DAY, FIRST_DAY + 2, { filters, seenAs, mostEvents: 60 });
      const sum = newSummary();
      for (const { summary } of days ?? []) addSummary(sum, summary);
      const expected = sumOf(all.filter((event) => fits(event, filters)));
      expect(days).toHaveLength(3);
      expect(sum.totals).toEqual(expected.totals);
    }
    const few = { filters: { user: 'ada', model: 'openai/gpt-4o' }, seenAs, mostEvents: 2 };
    expect(await summaries.readWhere(id, FIRST_DAY, FIRST_DAY + 2, few)).toBeUndefined();
  });

  it('have those of one group alone in them', async () => {
    const { id, events, summaries, setNow, make } = account();
    const all = make(0, 2.5 * DAY_MS, 40);
    for (const event of all) await events.record(event);
    await summaries.close(id);
    setNow(START_MS + 2.5 * DAY_MS);
    await summaries.close(id);
    for (const [dimension, name] of [
      ['model', 'openai/gpt-4o'],
      ['user', 'constructor'],
      ['tag', 'a#b'],
    ] as const) {
      const expected = sumOf(all.filter((event) => fits(event, { [dimension]: name })));
      const part = newSummary();
      for (const { summary } of await summaries.read(id, FIRST_DAY, FIRST_DAY + 2)) {
        addSummary(part, partOf(summary, dimension, name));
      }
      expect(part.totals).toEqual(expected.totals);
      if (dimension === 'model') expect(percentilesOf(part.latencyMs)).toEqual(percentilesOf(expected.latencyMs));
    }
  });

  it('lists the newest events first, page by page, and by what they have', async () => {
    const { id, events, make } = account();
    const all = make(0, 3 * DAY_MS, 30);
    for (const event of all) await events.record(event);
    const newest = [...new Set(all.map(({ requestId }) => requestId))].sort().reverse();
    const range = { fromMs: START_MS, toMs: START_MS + 3 * DAY_MS, fields: {} };
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await events.list(id, before === undefined ? range : { ...range, before }, 7);
      expect(page.events.length).toBeLessThanOrEqual(7);
      seen.push(...page.events.map(({ requestId }) => requestId));
      before = page.next;
    } while (before !== undefined);
    expect(seen).toEqual(newest);
    const ofAda = await events.list(id, { ...range, fields: { user: 'ada' } }, 200);
    expect(ofAda.events.map(({ requestId }) => requestId)).toEqual(
      newest.filter((one) => all.find(({ requestId }) => requestId === one)?.user === 'ada'),
    );
  });
});
