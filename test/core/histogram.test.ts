import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketOf, percentile } from '../../lambda/core/histogram.ts';

it('tells percentiles within 5 % of the sorted values', () => {
  const values = fc.array(fc.integer({ min: 10, max: 300_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (latencies, share) => {
      const histogram: Record<number, number> = {};
      for (const value of latencies) histogram[bucketOf(value)] = (histogram[bucketOf(value)] ?? 0) + 1;
      const exact = latencies.toSorted((a, b) => a - b)[Math.ceil(share * latencies.length) - 1] as number;
      const told = percentile(histogram, share) ?? 0;
      // Half a millisecond comes from rounding.
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.05 + 0.5);
    }),
  );
});

it('tells nothing of no values', () => expect(percentile({}, 0.5)).toBeUndefined());
