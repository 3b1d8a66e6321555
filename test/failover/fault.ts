import type { Play } from './fault-provider.ts';
import type { FaultTimes, Profile } from './profiles.ts';

/**
 * What a fault leaves to be done, and by that what counts as the best outcome:
 * - `heals`: a later call to the same model is answered, so the same model or the fallback answers;
 * - `lasts`: every call fails before any content, so the fallback answers; without one the caller gets an error;
 * - `slow`: every call is answered, but later than the gateway waits while it can do better;
 * - `breaks`: like `lasts` for a whole answer; in a stream it comes after the first words, so the stream ends with an error;
 * - `harmless`: the answer is good in spite of it;
 * - `refused`: the request is at fault, so its error goes out at once.
 */
export type Nature = 'heals' | 'lasts' | 'slow' | 'breaks' | 'harmless' | 'refused';

export interface Fault {
  /** `S01` to `S16` are those of Failover Bench, methodology v0.1; the others are our own. */
  id: string;
  /** What the provider does. */
  title: string;
  nature: Nature;
  /** Plays the fault; `wire.number` tells the first call from later ones. */
  play: Play;
  /** What the caller must get, in words. */
  caller: string;
  /** What the provider must see, in words. */
  provider: string;
  /** Statuses a caller without a fallback may get; a broken stream has 200. */
  statuses?: readonly number[];
  /** Without this both. */
  onlyFor?: 'whole' | 'stream';
  /** Calls to the primary at most; 4 without. */
  maximumCalls?: number;
  /** A second call to the same model is wanted before the fallback: without one the outcome is only partial. */
  wantsRetry?: boolean;
  /** No retry on the same model is wanted: with one the outcome is only partial. */
  wantsNoRetry?: boolean;
  /** The least time between two calls to the primary. */
  leastGapMs?(times: FaultTimes): number;
  /** Time after which an answer comes too late to be more than partial. */
  wantsWithinMs?(profile: Profile): number;
  /** When the caller must have the answer or the error; the deadline without. */
  withinMs?(profile: Profile): number;
  /** The usage event must be marked as an estimate. */
  isUsageEstimated?: boolean;
  /** The process may grow by 64 MB at most meanwhile. These faults run alone. */
  isMemoryBound?: boolean;
  /** The gateway takes no more than this of an answer, what lies in the buffers of sockets included. */
  mostSentBytes?: number;
  /** The fallback refuses requests that end with words of the assistant. */
  refusesPrefill?: boolean;
}

/** The requests each fault is run with. A held stream is sent when it is known to be whole. */
export interface Cell {
  isStream: boolean;
  hasFallback: boolean;
  isHeld?: boolean;
}

export const CELLS: readonly Cell[] = [
  { isStream: false, hasFallback: true },
  { isStream: true, hasFallback: true },
  { isStream: true, hasFallback: true, isHeld: true },
  { isStream: false, hasFallback: false },
  { isStream: true, hasFallback: false },
];

export function cellsOf({ onlyFor }: Fault): Cell[] {
  return CELLS.filter(({ isStream }) => onlyFor === undefined || isStream === (onlyFor === 'stream'));
}

export function nameOf({ isStream, hasFallback, isHeld }: Cell): string {
  return `${isHeld ? 'held ' : ''}${isStream ? 'stream' : 'whole'}${hasFallback ? '' : ' alone'}`;
}

/**
 * As Failover Bench scores: `pass` the caller got the best outcome and all was right; `partial` with a flaw that only
 * counts as advice; `safe` no answer, but a clean error in time; `fail` anything that must not be.
 */
export type Verdict = 'pass' | 'partial' | 'safe' | 'fail';

const RANK: Readonly<Record<Verdict, number>> = { fail: 0, safe: 1, partial: 2, pass: 3 };

/** The verdict that the gateway owes its caller: nobody else could answer, or words of a stream are out already. */
export function owedVerdict({ nature }: Fault, { isStream, hasFallback, isHeld }: Cell): Verdict {
  if (nature === 'breaks' && isStream && !isHeld) return 'safe';
  const isAnswered = nature === 'heals' || nature === 'harmless' || nature === 'refused';
  return isAnswered || hasFallback ? 'pass' : 'safe';
}

export function isAtLeast(verdict: Verdict, least: Verdict): boolean {
  return RANK[verdict] >= RANK[least];
}

/** For what waits for nothing: a quarter of the deadline, since a busy machine has its own delays. */
export function atOnce({ deadlineMs }: Profile): number {
  return deadlineMs / 4;
}
