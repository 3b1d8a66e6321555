import type { Deadlines } from './configuration.ts';

/** What the gateway needs to settle and say what happened before the platform ends it. */
const RESERVE_MS = 2_000;

/**
 * Milliseconds a request may take in all: what the caller asked for or the default, at most the configured maximum, and
 * never closer than two seconds to the end of the time the platform leaves us.
 */
export function timeLimitMs(askedMs: number | undefined, deadlines: Deadlines, platformLeavesMs: number): number {
  const wanted = Math.min(askedMs ?? deadlines.defaultMs, deadlines.maximumMs);
  return Math.max(1, Math.min(wanted, platformLeavesMs - RESERVE_MS));
}
