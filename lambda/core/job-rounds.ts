/** Between two rounds of a job's plan at least, and at most. */
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * Milliseconds before a job's whole plan is run once more, counted from round 1: they double from half a minute to a
 * quarter of an hour. `random` is a number from 0 to 1.
 */
export function nextRoundMs(round: number, random: number): number {
  const base = Math.min(FIRST_WAIT_MS * 2 ** (round - 1), LONGEST_WAIT_MS / 2);
  return Math.round(base * (1 + random));
}
