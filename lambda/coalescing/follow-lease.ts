import { setTimeout as pause } from 'node:timers/promises';
import type { CallLeases, LeaseHolder, LeaseStanding } from './call-leases.ts';

/** The time between two looks at a lease, in milliseconds: it grows, so that the longest wait costs some 300 reads. */
const FIRST_MS = 40;
const GROWTH = 1.4;
const LONGEST_MS = 1_000;

/**
 * Waits for a call that another process makes, until it is over or must be taken over by us. Throws the signal's reason when
 * our own request ends first, and what the store throws.
 */
export async function followLease(
  leases: CallLeases,
  fingerprint: string,
  holder: LeaseHolder,
  signal: AbortSignal,
): Promise<Extract<LeaseStanding, { state: 'leading' | 'done' }>> {
  let wake = () => {};
  const stopListening = leases.listen(fingerprint, () => wake());
  try {
    for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * GROWTH, LONGEST_MS)) {
      // Many wait for the same: they look at different times.
      await waitUnlessWoken(waitMs * (0.75 + Math.random() / 2), signal, (wakeUp) => {
        wake = wakeUp;
      });
      const seen = await leases.look(fingerprint);
      const standing = seen.state === 'free' ? await leases.take(fingerprint, holder) : seen;
      if (standing.state === 'leading' || standing.state === 'done') return standing;
    }
  } finally {
    stopListening();
  }
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
