/** When refusals become a lock-out, and for how long. */
export interface Penalties {
  refusalsBeforeLockOut: number;
  refusalsWithinMs: number;
  /** The first, the second … offence; the last stays. */
  lockOutMinutes: readonly number[];
  /** Offences are forgotten after so long without one. */
  forgottenAfterMs: number;
}

/** What is remembered about an account that was refused. */
export interface Conduct {
  refusals: number;
  /** When the refusals began to be counted. */
  refusedSinceMs: number;
  offences: number;
  lastOffenceAtMs: number;
  lockedUntilMs: number;
}

export const GOOD_CONDUCT: Conduct = {
  refusals: 0,
  refusedSinceMs: 0,
  offences: 0,
  lastOffenceAtMs: 0,
  lockedUntilMs: 0,
};

/** The conduct after so many more refusals, with a new lock-out when they are too many. */
export function afterRefusals(conduct: Conduct, refusals: number, penalties: Penalties, nowMs: number): Conduct {
  const isNewWindow = nowMs - conduct.refusedSinceMs >= penalties.refusalsWithinMs;
  const counted = isNewWindow ? refusals : conduct.refusals + refusals;
  const refusedSinceMs = isNewWindow ? nowMs : conduct.refusedSinceMs;
  if (counted < penalties.refusalsBeforeLockOut || conduct.lockedUntilMs > nowMs) {
    return { ...conduct, refusals: counted, refusedSinceMs };
  }
  const isForgotten = nowMs - conduct.lastOffenceAtMs >= penalties.forgottenAfterMs;
  const offences = isForgotten ? 1 : conduct.offences + 1;
  const minutes = penalties.lockOutMinutes[Math.min(offences, penalties.lockOutMinutes.length) - 1] ?? 0;
  return {
    refusals: 0,
    refusedSinceMs: nowMs,
    offences,
    lastOffenceAtMs: nowMs,
    lockedUntilMs: nowMs + minutes * 60_000,
  };
}
