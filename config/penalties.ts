import type { Penalties } from '../lambda/core/lock-out.ts';

/** Who keeps calling while refused is locked out, longer each time, until a calm day has passed. */
export const penalties: Penalties = {
  refusalsBeforeLockOut: 100,
  refusalsWithinMs: 60_000,
  lockOutMinutes: [1, 5, 15, 60],
  forgottenAfterMs: 24 * 60 * 60_000,
};
