/** When a circuit opens, and how it closes again. */
export interface CircuitPolicy {
  windowSeconds: number;
  /** Failures within the window that open the circuit while calls are few. */
  failures: number;
  /** From so many calls within the window on, the share of failures decides instead. */
  manyCalls: number;
  failureShare: number;
  /** An open circuit lets one call through at most this often, to see whether the model answers again. */
  probeEveryMs: number;
  /** A probe that has not ended after this no longer stands in the way of the next. */
  probeLeaseMs: number;
}

/** What all processes together know of one model: calls by the second they ended in (epoch seconds), and the circuit. */
export interface Circuit {
  failures: Readonly<Record<number, number>>;
  /** Told in batches, so those of the last seconds may be missing. */
  successes: Readonly<Record<number, number>>;
  /** Since when the circuit is open; absent while it is closed. */
  openedAtMs?: number;
  /** When it last opened or closed. */
  changedAtMs?: number;
  nextProbeAtMs?: number;
  /** A probe is under way until then at most. */
  probeUntilMs?: number;
  /** The code of the last failure that counted, and when it was. */
  lastError?: string;
  lastErrorAtMs?: number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/** A circuit of which nothing is known. */
export const NEW_CIRCUIT: Circuit = { failures: {}, successes: {} };

/** `half-open` is an open circuit that is looked at again: a probe is under way or due. */
export function circuitState(circuit: Circuit, nowMs: number): CircuitState {
  if (circuit.openedAtMs === undefined) return 'closed';
  return isProbed(circuit, nowMs) || isProbeDue(circuit, nowMs) ? 'half-open' : 'open';
}

/** True when an open circuit may let the next call through. */
export function isProbeDue(circuit: Circuit, nowMs: number): boolean {
  if (circuit.openedAtMs === undefined || isProbed(circuit, nowMs)) return false;
  return (circuit.nextProbeAtMs ?? 0) <= nowMs;
}

function isProbed({ probeUntilMs = 0 }: Circuit, nowMs: number): boolean {
  return probeUntilMs > nowMs;
}

/** True when the failures of the window are enough to open a closed circuit. */
export function shouldOpen(circuit: Circuit, nowMs: number, policy: CircuitPolicy): boolean {
  if (circuit.openedAtMs !== undefined) return false;
  const failures = within(circuit.failures, nowMs, policy);
  const calls = failures + within(circuit.successes, nowMs, policy);
  return calls < policy.manyCalls ? failures >= policy.failures : failures >= calls * policy.failureShare;
}

/** Retries that are always allowed in a window, and the share of all calls that may be retries. */
const RETRIES_AT_LEAST = 10;
const RETRY_SHARE = 0.2;

/**
 * The retry budget (Envoy's idea: a share of the traffic, with a floor for quiet times). Each failure is followed by one
 * retry at most, so the newest failure's place among those of the window says whether there is room for its retry.
 */
export function mayRetry(circuit: Circuit, nowMs: number, policy: CircuitPolicy): boolean {
  const failures = within(circuit.failures, nowMs, policy);
  const calls = failures + within(circuit.successes, nowMs, policy);
  return failures <= Math.max(RETRIES_AT_LEAST, calls * RETRY_SHARE);
}

/** The seconds whose counts no window needs any more. */
export function staleSeconds(
  counts: Readonly<Record<number, number>>,
  nowMs: number,
  { windowSeconds }: CircuitPolicy,
): number[] {
  // One window more than needed: other processes' clocks may be behind.
  const oldest = Math.floor(nowMs / 1_000) - 2 * windowSeconds;
  return Object.keys(counts)
    .map(Number)
    .filter((second) => second < oldest);
}

function within(
  counts: Readonly<Record<number, number>>,
  nowMs: number,
  { windowSeconds }: Pick<CircuitPolicy, 'windowSeconds'>,
): number {
  const now = Math.floor(nowMs / 1_000);
  let sum = 0;
  for (const [second, count] of Object.entries(counts)) {
    if (Number(second) > now - windowSeconds) sum += count;
  }
  return sum;
}
