import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../../lambda/core/semantic/alignment.ts';
import { decide } from '../../../lambda/core/semantic/decide.ts';
import { FEATURES, featuresOf } from '../../../lambda/core/semantic/features.ts';
import { OPERATING_POINTS } from '../../../lambda/core/semantic/operating-points.ts';
import { analyse } from '../../../lambda/core/semantic/prompt.ts';
import { score } from '../../../lambda/core/semantic/score.ts';

const candidate = (text: string, likeness: number, fingerprint = text) => ({
  fingerprint,
  prompt: analyse(text),
  likeness,
});
const { strict, default: ordinary } = OPERATING_POINTS;

describe('a decision', () => {
  it('serves a question in other words', () => {
    const decision = decide(
      analyse('How do I repair a bike tyre?'),
      [candidate('What is the way to mend a bicycle tire?', 0.85)],
      ordinary,
    );
    expect(decision).toMatchObject({ verdict: 'serve', vetoes: [], score: expect.any(Number) });
  });

  it('takes the candidate that is right before one that is nearer', () => {
    const asked = analyse('How do I repair a bike tyre?');
    const decision = decide(
      asked,
      [candidate('How do I repair a car tyre?', 0.95), candidate('Repairing bike tyres', 0.8)],
      ordinary,
    );
    expect(decision).toMatchObject({ verdict: 'serve', fingerprint: 'Repairing bike tyres' });
  });

  it('names its reasons by ids, and holds no text of a prompt', () => {
    const decision = decide(
      analyse('Buses from Cork to Galway'),
      [candidate('Buses from Galway to Cork', 0.99, 'f1')],
      ordinary,
    );
    expect(decision).toEqual({ verdict: 'miss', fingerprint: 'f1', likeness: 0.99, vetoes: ['roles'] });
  });

  it('misses where there is nothing, or nothing alike', () => {
    expect(decide(analyse('Hello'), [], ordinary)).toEqual({ verdict: 'miss', vetoes: [] });
    expect(decide(analyse('Hello'), [candidate('Hello', 0.1)], ordinary)).toMatchObject({ vetoes: ['unlike'] });
  });

  it('asks for every word where a prompt is long or foreign, whatever the vectors say', () => {
    const long = (clause: string) =>
      `Write to our customers about the winter sale. ${clause} ${'Mention the opening hours and the parking. '.repeat(8)}`;
    const asked = analyse(long('Praise the gloves.'));
    expect(decide(asked, [candidate(long('Praise the scarves and hats.'), 0.999)], ordinary).verdict).not.toBe('serve');
    expect(
      decide(analyse('Comment annuler une commande ?'), [candidate('Comment suivre une commande ?', 0.99)], ordinary)
        .verdict,
    ).not.toBe('serve');
    expect(
      decide(
        analyse('Comment annuler ma commande ?'),
        [candidate('Comment puis-je annuler ma commande ?', 0.95)],
        ordinary,
      ).verdict,
    ).toBe('serve');
  });

  it('serves in strict mode nothing that default mode would not', () => {
    const words = fc.constantFrom(
      'repair',
      'bike',
      'car',
      'tyre',
      'quickly',
      'not',
      'two',
      '3',
      'Berlin',
      'how',
      'do',
      'I',
      'why',
      'the',
      'a',
    );
    const text = fc.array(words, { minLength: 1, maxLength: 8 }).map((list) => list.join(' '));
    fc.assert(
      fc.property(text, text, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, likeness) => {
        const [first, second] = [strict, ordinary].map(
          (point) => decide(analyse(one), [candidate(other, likeness)], point).verdict,
        );
        return first !== 'serve' || second === 'serve';
      }),
    );
  });
});

describe('a decision on the longest prompts', () => {
  it('holds the event loop for no longer than a short while', () => {
    const words = (seed: number) =>
      Array.from({ length: 600 }, (_, index) => `w${((index + 1) * seed * 7_919) % 99_991}x`).join(' ');
    const asked = analyse(words(1));
    const candidates = [2, 3, 4, 5, 6, 7, 8, 9].map((seed) => candidate(words(seed), 0.9));
    decide(asked, candidates, ordinary);
    const startedAt = performance.now();
    decide(asked, candidates, ordinary);
    expect(performance.now() - startedAt).toBeLessThan(300);
  });
});

describe('a prompt of one word without an end', () => {
  it('is taken apart in a time that grows with its length, not with its square', () => {
    analyse('a');
    const startedAt = performance.now();
    analyse('a'.repeat(4_000));
    expect(performance.now() - startedAt).toBeLessThan(150);
  });
});

describe('the features of any two texts', () => {
  it('are numbers from 0 to 1, as many as the weights were trained for, and make a chance', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const features = featuresOf(align(analyse(one), analyse(other)), 0.5);
        const chance = score(features);
        return (
          features.length === FEATURES.length &&
          features.every((value) => value >= 0 && value <= 1) &&
          chance >= 0 &&
          chance <= 1
        );
      }),
    );
  });

  it('take a long text no more than linear time', () => {
    const text = 'why not 3 times "a" `b` c-d from x to y, '.repeat(4_000);
    const startedAt = performance.now();
    analyse(text);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
