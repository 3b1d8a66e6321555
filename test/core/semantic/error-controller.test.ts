import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/semantic/random.ts';
import {
  type Labels,
  NO_LABELS,
  servesFrom,
  wilsonUpper,
  withLabel,
} from '../../../lambda/core/semantic/error-controller.ts';

const labelled = (labels: Labels, score: number, isRight: boolean, times: number): Labels =>
  Array.from({ length: times }).reduce<Labels>((so) => withLabel(so, score, isRight), labels);

describe("Wilson's upper bound", () => {
  it('is the value of the formula', () => {
    // 5 of 100 at z = 1.96 in Wilson (1927): 0.1118.
    expect(wilsonUpper(5, 100, 1.96)).toBeCloseTo(0.1118, 4);
    expect(wilsonUpper(0, 0)).toBe(1);
  });

  it('is never below the share that was seen', () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        fc.nat(500),
        (count, more) => count + more === 0 || wilsonUpper(count, count + more) >= count / (count + more) - 1e-12,
      ),
    );
  });
});

describe('the error controller', () => {
  it('serves nothing that is only alike before there are labels', () => {
    expect(servesFrom(NO_LABELS, 0.1)).toBe(Number.POSITIVE_INFINITY);
  });

  it('goes down as far as the labels carry it', () => {
    const labels = labelled(labelled(NO_LABELS, 0.95, true, 200), 0.5, false, 50);
    expect(servesFrom(labels, 0.05)).toBeGreaterThan(0.5);
    expect(servesFrom(labels, 0.05)).toBeLessThanOrEqual(0.95);
  });

  it('goes no lower for a smaller share', () => {
    const label = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(fc.array(label, { maxLength: 200 }), (list) => {
        const labels = list.reduce<Labels>((so, [score, isRight]) => withLabel(so, score, isRight), NO_LABELS);
        return servesFrom(labels, 0.02) >= servesFrom(labels, 0.2);
      }),
    );
  });

  it.each([0.03, 0.05, 0.1])('keeps 20 seeded streams within %d of wrong hits, and still serves', (share) => {
    const runs = Array.from({ length: 20 }, (_, seed) => simulate(seededRandom(seed + 1), share));
    const mean = runs.reduce((sum, { wrong, hits }) => sum + wrong / Math.max(1, hits), 0) / runs.length;
    const worst = Math.max(...runs.map(({ wrong, hits }) => wrong / Math.max(1, hits)));
    expect(mean).toBeLessThanOrEqual(share);
    expect(worst).toBeLessThanOrEqual(1.25 * share);
    expect(Math.min(...runs.map(({ hits }) => hits))).toBeGreaterThan(0);
    expect(Math.max(...runs.map(({ checked }) => checked))).toBeLessThanOrEqual(0.05 * REQUESTS);
  });
});

const REQUESTS = 8_000;

/** A stream whose score says how often it is right: at 1 always, at 0.5 in 93 of a hundred times. */
function simulate(random: () => number, share: number): { hits: number; wrong: number; checked: number } {
  let labels = NO_LABELS;
  let threshold = servesFrom(labels, share);
  const sums = { hits: 0, wrong: 0, checked: 0 };
  for (let index = 0; index < REQUESTS; index++) {
    if (index % 100 === 0) threshold = servesFrom(labels, share);
    const score = random();
    const isRight = random() < score ** 0.1;
    if (score >= threshold) {
      sums.hits++;
      if (!isRight) sums.wrong++;
      if (random() >= 0.05) continue;
      sums.checked++;
    }
    labels = withLabel(labels, score, isRight);
  }
  return sums;
}
