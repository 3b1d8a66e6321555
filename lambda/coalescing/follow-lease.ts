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
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * GROWTH, LONGEST_MS)) {
    // Many wait for the same: they look at different times.
    await pause(waitMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {
      throw signal.reason;
    });
    const seen = await leases.look(fingerprint);
    const standing = seen.state === 'free' ? await leases.take(fingerprint, holder) : seen;
    if (standing.state === 'leading' || standing.state === 'done') return standing;
  }
}
