import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import {
  addEvent,
  addSummary,
  newSummary,
  percentilesOf,
  piecesOf,
  summaryFrom,
  summaryText,
  type UsageSummary,
} from '../../lambda/core/usage-summary.ts';
import { anyUsageEvent } from './any-usage-event.ts';

const events = fc.array(anyUsageEvent('acme', 1_900_000_000_000, 1_900_100_000_000), { maxLength: 40 });

function sumOf(some: readonly UsageEvent[]): UsageSummary {
  const summary = newSummary();
  for (const event of some) addEvent(summary, event);
  return summary;
}

/** The same whatever the order in which names came. */
function sorted(summary: UsageSummary): unknown {
  return JSON.parse(summaryText(summary), (_key, value) =>
    Array.isArray(value) && Array.isArray(value[0])
      ? value.toSorted((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1))
      : value,
  );
}

describe('a summary of usage', () => {
  it('is the same however its events are divided and in whichever order they come', () => {
    fc.assert(
      fc.property(events, fc.nat(), fc.infiniteStream(fc.nat({ max: 3 })), (all, _seed, shelves) => {
        const parts: UsageEvent[][] = [[], [], [], []];
        for (const event of all.toReversed()) parts[shelves.next().value ?? 0]?.push(event);
        const whole = newSummary();
        for (const part of parts) addSummary(whole, sumOf(part));
        expect(sorted(whole)).toEqual(sorted(sumOf(all)));
      }),
    );
  });

  it('adds up: outcomes to requests, models to what had one, money to the micro-dollar', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { totals, groups } = sumOf(all);
        const { answered, interrupted, clientClosed, failed, rejected } = totals;
        const made = all.filter(({ side }) => side === undefined);
        expect(answered + interrupted + clientClosed + failed + rejected).toBe(made.length);
        expect([totals.requests, totals.sideCalls]).toEqual([made.length, all.length - made.length]);
        expect(totals.costMicroDollars).toBe(all.reduce((sum, event) => sum + event.costMicroDollars, 0));
        const byKey = [...groups.key.values()].reduce((sum, one) => sum + one.costMicroDollars, 0);
        expect(byKey).toBe(totals.costMicroDollars);
        const ofAda = made.filter(({ user }) => user === 'ada');
        expect(groups.user.get('ada')?.requests ?? 0).toBe(ofAda.length);
        const routed = [...groups.route.values()];
        expect(routed.reduce((sum, { requests }) => sum + requests, 0)).toBe(
          all.filter(({ routing }) => routing).length,
        );
        const scores = made.reduce((sum, { score = 0 }) => sum + Math.round(score * 1_000), 0);
        expect(totals.scoreThousandths).toBe(scores);
        for (const [name, { requests, sideCalls }] of groups.route)
          expect(sideCalls).toBe(name.includes('/shadow:') ? requests : 0);
      }),
    );
  });

  it('is read as it was written, whole or in pieces, whatever end users are called', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 3 }), (all, mostUsers) => {
        const summary = sumOf(all);
        expect(sorted(summaryFrom(summaryText(summary)))).toEqual(sorted(summary));
        const joined = newSummary();
        for (const piece of piecesOf(summary, mostUsers)) {
          expect(piece.groups.user.size).toBeLessThanOrEqual(mostUsers);
          addSummary(joined, summaryFrom(summaryText(piece)));
        }
        expect(sorted(joined)).toEqual(sorted(summary));
      }),
    );
  });

  it('that was written before there were routes and shadows is read without them', () => {
    const [event] = fc.sample(anyUsageEvent('acme', 1_900_000_000_000, 1_900_100_000_000), 1) as [UsageEvent];
    const stored = JSON.parse(summaryText(sumOf([{ ...event, outcome: 'answered' }])));
    const { route: _route, ...groups } = stored.groups;
    const { routeLatencyMs: _latency, routeTimeToFirstTokenMs: _first, ...rest } = stored;
    const before = summaryFrom(JSON.stringify({ ...rest, totals: stored.totals.slice(0, 19), groups }));
    expect([before.groups.route.size, before.routeLatencyMs.size, before.totals.sideCalls]).toEqual([0, 0, 0]);
  });

  it('has percentiles that are wrong by at most 5 %, and none of no requests', () => {
    expect(percentilesOf(newSummary().latencyMs)).toEqual({ p50: null, p95: null, p99: null });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 300 }), (latencies) => {
        const [event] = fc.sample(anyUsageEvent('acme', 1_900_000_000_000, 1_900_100_000_000), 1) as [UsageEvent];
        const { side: _side, ...request } = event;
        const answered = { ...request, outcome: 'answered' as const, attempts: 1, model: 'm' };
        // As days are made of hours, and months of days that were stored.
        const summary = newSummary();
        for (let from = 0; from < latencies.length; from += 7) {
          const hour = sumOf(latencies.slice(from, from + 7).map((latencyMs) => ({ ...answered, latencyMs })));
          addSummary(summary, summaryFrom(summaryText(hour)));
        }
        const exact = latencies.toSorted((one, other) => one - other);
        for (const [name, share] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const right = exact[Math.ceil(share * exact.length) - 1] as number;
          const told = percentilesOf(summary.latencyMs, 'm')[name] as number;
          // Whole milliseconds: below 10 ms rounding is more than 5 %.
          expect(Math.abs(told - right)).toBeLessThanOrEqual(Math.max(1, right * 0.05));
        }
      }),
    );
  });
});
