import { describe, expect, it } from 'vitest';
import { afterRefusals, type Conduct, GOOD_CONDUCT, type Penalties } from '../../lambda/core/lock-out.ts';

const MINUTE = 60_000;
const penalties: Penalties = {
  refusalsBeforeLockOut: 10,
  refusalsWithinMs: MINUTE,
  lockOutMinutes: [1, 5, 15, 60],
  forgottenAfterMs: 1_440 * MINUTE,
};

describe('who keeps calling while refused', () => {
  it('is locked out for 1, 5, 15, 60 minutes, and 60 from then on', () => {
    let conduct: Conduct = GOOD_CONDUCT;
    let now = 1e12;
    const lengths = Array.from({ length: 6 }, () => {
      conduct = afterRefusals(conduct, 10, penalties, now);
      const minutes = (conduct.lockedUntilMs - now) / MINUTE;
      now = conduct.lockedUntilMs;
      return minutes;
    });
    expect(lengths).toEqual([1, 5, 15, 60, 60, 60]);
  });

  it('is not locked out for refusals that are few or far apart', () => {
    let conduct: Conduct = GOOD_CONDUCT;
    for (let minute = 0; minute < 100; minute++) conduct = afterRefusals(conduct, 9, penalties, 1e12 + minute * MINUTE);
    expect(conduct.lockedUntilMs).toBe(0);
  });

  it('begins anew after a calm day', () => {
    const first = afterRefusals(GOOD_CONDUCT, 10, penalties, 1e12);
    const second = afterRefusals(first, 10, penalties, 1e12 + 1_440 * MINUTE);
    expect(second.offences).toBe(1);
  });

  it('is not locked out further by refusals of the lock-out itself', () => {
    const locked = afterRefusals(GOOD_CONDUCT, 10, penalties, 1e12);
    const still = afterRefusals(locked, 500, penalties, 1e12 + 1_000);
    expect(still).toMatchObject({ offences: 1, lockedUntilMs: locked.lockedUntilMs });
  });
});
