import { describe, expect, it } from 'vitest';
import { circuit as policy } from '../../config/retry.ts';
import {
  type Circuit,
  circuitState,
  isProbeDue,
  mayRetry,
  NEW_CIRCUIT,
  shouldOpen,
  staleSeconds,
} from '../../lambda/core/circuit.ts';

const NOW = 1_000_000_000;
const second = (ago: number) => NOW / 1_000 - ago;
const circuit = (more: Partial<Circuit>): Circuit => ({ ...NEW_CIRCUIT, ...more });

describe('a circuit', () => {
  it.each<[string, Partial<Circuit>, boolean]>([
    ['four failures in ten seconds', { failures: { [second(0)]: 2, [second(9)]: 2 } }, false],
    ['five', { failures: { [second(0)]: 3, [second(9)]: 2 } }, true],
    ['five, one of them longer ago', { failures: { [second(0)]: 4, [second(10)]: 1 } }, false],
    ['five among nineteen calls', { failures: { [second(0)]: 5 }, successes: { [second(1)]: 14 } }, true],
    ['five among twenty calls', { failures: { [second(0)]: 5 }, successes: { [second(1)]: 15 } }, false],
    ['half of twenty calls', { failures: { [second(0)]: 10 }, successes: { [second(1)]: 10 } }, true],
    ['nine of twenty', { failures: { [second(0)]: 9 }, successes: { [second(1)]: 11 } }, false],
    ['any number while it is open', { failures: { [second(0)]: 50 }, openedAtMs: NOW }, false],
  ])('after %s', (_name, more, opens) => expect(shouldOpen(circuit(more), NOW, policy)).toBe(opens));

  it('is open until a probe is due, half-open while one is under way or due, closed without a beginning', () => {
    expect(circuitState(NEW_CIRCUIT, NOW)).toBe('closed');
    expect(circuitState(circuit({ openedAtMs: NOW, nextProbeAtMs: NOW + 1 }), NOW)).toBe('open');
    expect(circuitState(circuit({ openedAtMs: NOW, nextProbeAtMs: NOW }), NOW)).toBe('half-open');
    const probed = circuit({ openedAtMs: NOW, nextProbeAtMs: NOW, probeUntilMs: NOW + 1 });
    expect([circuitState(probed, NOW), isProbeDue(probed, NOW), isProbeDue(probed, NOW + 1)]).toEqual([
      'half-open',
      false,
      true,
    ]);
    expect(isProbeDue(NEW_CIRCUIT, NOW)).toBe(false);
  });

  it('allows ten retries in ten seconds, or a fifth of the calls', () => {
    expect(mayRetry(circuit({ failures: { [second(0)]: 10 } }), NOW, policy)).toBe(true);
    expect(mayRetry(circuit({ failures: { [second(0)]: 11 } }), NOW, policy)).toBe(false);
    const busy = { successes: { [second(3)]: 400 } };
    expect(mayRetry(circuit({ ...busy, failures: { [second(0)]: 100 } }), NOW, policy)).toBe(true);
    expect(mayRetry(circuit({ ...busy, failures: { [second(0)]: 101 } }), NOW, policy)).toBe(false);
  });

  it('forgets the counts of seconds that nobody needs', () => {
    expect(staleSeconds({ [second(5)]: 1, [second(20)]: 1, [second(21)]: 1 }, NOW, policy)).toEqual([second(21)]);
  });
});
