import { describe, expect, it } from 'vitest';
import { packWeights, unpackWeights } from '../../../lambda/core/routing/packed-weights.ts';

describe('packed weights', () => {
  it('come back nearly as they were, two a byte', () => {
    const weights = Float64Array.from({ length: 400 }, (_, at) => Math.sin(at) * (at % 2 === 0 ? 3 : 0.2));
    const { bytes, scales } = packWeights(weights, 2);
    expect(bytes.length).toBe(200);
    const unpacked = unpackWeights(bytes);
    for (const [at, weight] of weights.entries()) {
      const back = (unpacked[at] as number) * (scales[at % 2] as number);
      const largest = at % 2 === 0 ? 3 : 0.2;
      // Steps are squares: between the two largest, 36 and 49, lie 13 of 49.
      expect(Math.abs(back - weight)).toBeLessThanOrEqual((largest * 13) / 49 / 1.8);
    }
  });

  it('keep their sign and their zeros', () => {
    const { bytes, scales } = packWeights(Float64Array.from([-2, 0, 2, -0.5]), 1);
    expect([...unpackWeights(bytes)].map((step) => Math.sign(step))).toEqual([-1, 0, 1, -1]);
    expect(scales[0]).toBeCloseTo(2 / 49, 5);
  });

  it('may be odd in number, or all zero', () => {
    expect([...unpackWeights(packWeights(Float64Array.from([1, 1, -1]), 1).bytes)]).toEqual([49, 49, -49, 0]);
    expect([...unpackWeights(packWeights(new Float64Array(4), 2).bytes)]).toEqual([0, 0, 0, 0]);
  });
});
