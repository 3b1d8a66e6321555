import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, callLimitMs } from '../../lambda/core/retry.ts';

const policy = { firstBackoffMs: 1_000, maximumBackoffMs: 30_000 };

describe('the backoff', () => {
  it('doubles from one second to thirty, spread upwards', () => {
    const least = [1, 2, 3, 4, 5, 6].map((retry) => backoffMs(retry, policy, 0));
    const most = [1, 2, 3, 4, 5, 6].map((retry) => backoffMs(retry, policy, 1));
    expect(least).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(most).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('is never below the first nor above the maximum, whatever they are', () => {
    const milliseconds = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        milliseconds,
        milliseconds,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (retry, first, more, random) => {
          const wait = backoffMs(retry, { firstBackoffMs: first, maximumBackoffMs: first + more }, random);
          expect(wait).toBeGreaterThanOrEqual(first);
          expect(wait).toBeLessThanOrEqual(first + more);
        },
      ),
    );
  });
});

describe('the time a call may take', () => {
  it('leaves half a minute, or half of what is left, to the models behind', () => {
    expect(callLimitMs(120_000, 120_000, true)).toBe(90_000);
    expect(callLimitMs(120_000, 2_000, true)).toBe(1_000);
    expect(callLimitMs(10_000, 120_000, true)).toBe(10_000);
  });

  it('is up to the deadline when nobody is behind', () => {
    expect(callLimitMs(120_000, 2_000, false)).toBe(120_000);
  });
});
