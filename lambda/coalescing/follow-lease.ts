import { setTimeout as pause } from 'node:timers/promises';
import type { CallLeases, LeaseHolder, LeaseStanding } from './call-leases.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The time between two looks at a lease, in milliseconds: it grows, so that the longest wait costs some 300 reads. */
const FIRST_MS = 40;
const GROWTH = 1.4;
const LONGEST_MS = 1_000;

/** Looks that fail one after the other before we no longer believe in the store. */
const MOST_FAILURES = 3;

/** A lease that is ours, or has an outcome. */
export type EndedLease = Extract<LeaseStanding, { state: 'leading' | 'done' }>;

/**
 * Waits for a call that another process makes, until it is over or must be taken over by us. Throws the signal's reason when
 * our own request ends first, and what the store throws again and again.
 */
export async function followLease(
  leases: CallLeases,
  callKey: string,
  holder: LeaseHolder,
  signal: AbortSignal,
): Promise<EndedLease> {
  let wake = () => {};
  const stopListening = leases.listen(callKey, () => wake());
  let failures = 0;
  try {
    for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * GROWTH, LONGEST_MS)) {
      // Many wait for the same: they look at different times.
      await waitUnlessWoken(waitMs * (0.75 + Math.random() / 2), signal, (wakeUp) => {
        wake = wakeUp;
      });
      try {
        const standing = await unlessAborted(lookOrTake(leases, callKey, holder), signal);
        failures = 0;
        if (standing.state === 'leading' || standing.state === 'done') return standing;
      } catch (thrown) {
        failures += 1;
        if (signal.aborted || failures >= MOST_FAILURES) throw thrown;
      }
    }
  } finally {
    stopListening();
  }
}

async function lookOrTake(leases: CallLeases, callKey: string, holder: LeaseHolder): Promise<LeaseStanding> {
  const seen = await leases.look(callKey);
  return seen.state === 'free' ? leases.take(callKey, holder) : seen;
}

/** Waits so long, or until it is woken. Throws the signal's reason when that ends first. */
async function waitUnlessWoken(
  milliseconds: number,
  signal: AbortSignal,
  useWake: (wake: () => void) => void,
): Promise<void> {
  const woken = new AbortController();
  useWake(() => woken.abort());
  await pause(milliseconds, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {
    if (signal.aborted) throw signal.reason;
  });
}
