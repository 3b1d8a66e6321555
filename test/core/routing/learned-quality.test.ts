import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FURTHEST, learnedOffset, type Opinion } from '../../../lambda/core/routing/learned-quality.ts';

const said = (modelId: string, count: number, meanScore: number): Opinion => ({
  modelId,
  taskClass: 'coding',
  count,
  meanScore,
});
const offset = (opinions: Opinion[], modelId = 'a') =>
  learnedOffset({ isFrozen: false, opinions, signals: [] }, modelId, 'coding');

describe("what callers' scores move", () => {
  it('is nothing while there are few of them, and nothing for other classes and models', () => {
    expect(offset([said('a', 9, 0), said('b', 500, 1)])).toBe(0);
    expect(offset([said('b', 500, 1)])).toBe(0);
    expect(
      learnedOffset({ isFrozen: false, opinions: [said('a', 500, 0), said('b', 9, 1)], signals: [] }, 'a', 'chat'),
    ).toBe(0);
  });

  it('grows slowly, up for the better model and down for the worse', () => {
    const few = offset([said('a', 20, 0.8), said('b', 200, 0.7)]);
    const many = offset([said('a', 100, 0.8), said('b', 200, 0.7)]);
    expect(few).toBeGreaterThan(0);
    expect(many).toBeGreaterThan(few);
    expect(offset([said('a', 100, 0.6), said('b', 200, 0.7)])).toBeLessThan(0);
  });

  it('is never more than the bound, whatever is said', () => {
    const anyOpinion = fc.record({
      modelId: fc.constantFrom('a', 'b', 'c'),
      taskClass: fc.constant('coding' as const),
      count: fc.integer({ min: 1, max: 1e9 }),
      meanScore: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const anyOpinions = fc.uniqueArray(anyOpinion, { selector: ({ modelId }) => modelId });
    fc.assert(fc.property(anyOpinions, (opinions) => Math.abs(offset(opinions)) <= FURTHEST));
  });
});
