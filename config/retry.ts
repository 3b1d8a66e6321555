import type { CircuitPolicy } from '../lambda/core/circuit.ts';
import type { RetryPolicy } from '../lambda/core/retry.ts';

/** How models are asked again; `retry` in models.ts says what differs for one. */
export const retry: RetryPolicy = {
  attempts: 3,
  firstBackoffMs: 1_000,
  maximumBackoffMs: 30_000,
  timeoutMs: 120_000,
};

/** When a model that keeps failing is no longer asked, and how often somebody looks whether it answers again. */
export const circuit: CircuitPolicy = {
  windowSeconds: 10,
  failures: 5,
  manyCalls: 20,
  failureShare: 0.5,
  probeEveryMs: 5_000,
  probeLeaseMs: 25_000,
};
