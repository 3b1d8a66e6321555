/** How often and how patiently one model is asked again. */
export interface RetryPolicy {
  /** Calls to the model in all, the first included. */
  attempts: number;
  /** The least wait before the first retry; it doubles with each further one. */
  firstBackoffMs: number;
  maximumBackoffMs: number;
  /** The longest one call may take: to its end for a whole answer, to its first content for a stream. */
  timeoutMs: number;
}

/**
 * Milliseconds to wait before a retry, counted from 1. The base doubles from `firstBackoffMs`; the wait lies between the
 * base and twice the base, so it is spread out and yet never shorter than the first backoff nor longer than the maximum.
 * `random` is a number from 0 to 1.
 */
export function backoffMs(
  retry: number,
  { firstBackoffMs, maximumBackoffMs }: Pick<RetryPolicy, 'firstBackoffMs' | 'maximumBackoffMs'>,
  random: number,
): number {
  const least = Math.min(firstBackoffMs, maximumBackoffMs);
  const base = Math.max(least, Math.min(firstBackoffMs * 2 ** (retry - 1), maximumBackoffMs / 2));
  return Math.min(maximumBackoffMs, Math.round(base * (1 + random)));
}

/** Of the time that is left, this much is kept for the models behind, or half of it when it is less than twice this. */
const KEPT_FOR_FALLBACK_MS = 30_000;

/**
 * Milliseconds a call may take when so many are left, so that a model that hangs leaves time for those behind it. The last
 * model may use up the deadline, which ends the call by itself.
 */
export function callLimitMs(timeoutMs: number, leftMs: number, hasFallback: boolean): number {
  if (!hasFallback) return timeoutMs;
  const kept = Math.min(KEPT_FOR_FALLBACK_MS, leftMs / 2);
  return Math.max(1, Math.floor(Math.min(timeoutMs, leftMs - kept)));
}
