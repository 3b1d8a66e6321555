import type { Step } from './chain.ts';
import { GatewayError } from './errors.ts';
import { type FailureClass, OVERDUE, ProviderFailure, SILENT, TOO_LARGE } from './provider-failure.ts';

/** A failed call, as far as what follows depends on it. */
export interface Failure {
  failureClass: FailureClass;
  code: string;
  retryAfterSeconds: number | undefined;
}

/** What follows a failed call: another step after a wait, or the end, because of the request or for want of steps. */
export type Verdict = { verdict: 'retry'; next: number; waitMs: number } | { verdict: 'refused' | 'exhausted' };

/** What is known when a call has failed. */
export interface Situation {
  nowMs: number;
  /** When the request must be answered. */
  deadlineMs: number;
  /** False when too many of the model's recent calls were retries. */
  mayRetry: boolean;
}

/** A call begun with less than this left could not be answered in time. */
const LEAST_USEFUL_MS = 250;

/**
 * Decides what follows the failure of a plan's step:
 * - `transient`: the same model once more after its backoff, or after the provider's own Retry-After when that is longer;
 *   the next model when this one has no calls left, would have to be waited for beyond 30 s or the deadline, has taken too
 *   long or sent too much already, or is retried too often by everybody;
 * - `model`: the next model, after a context that was too long only one with a larger context;
 * - `key`: the next model of another provider;
 * - `caller`, `stopped`: nothing.
 */
export function nextStep(steps: readonly Step[], index: number, failure: Failure, situation: Situation): Verdict {
  const { failureClass } = failure;
  if (failureClass === 'caller' || failureClass === 'stopped') return { verdict: 'refused' };
  const step = steps[index] as Step;
  const other = nextModel(steps, index, failure);
  if (failureClass === 'transient') {
    const retry = steps[index + 1]?.modelId === step.modelId ? steps[index + 1] : undefined;
    const waitMs = waitFor(failure, retry?.waitMs ?? 0);
    if (retry && isRetried(failure, waitMs, other !== undefined, situation)) {
      return { verdict: 'retry', next: index + 1, waitMs };
    }
  }
  if (other === undefined || !fits(0, situation)) return { verdict: 'exhausted' };
  return { verdict: 'retry', next: other, waitMs: 0 };
}

function isRetried(failure: Failure, waitMs: number, hasOther: boolean, situation: Situation): boolean {
  if (!fits(waitMs, situation)) return false;
  if (!situation.mayRetry) return false;
  return !hasOther || (!NOT_WORTH_A_RETRY.has(failure.code) && waitMs <= LONGEST_WAIT_MS);
}

/** The backoff, or a longer Retry-After and a tenth of the backoff, so that not all come back at the same moment. */
function waitFor({ retryAfterSeconds = 0 }: Failure, backoffMs: number): number {
  const askedMs = retryAfterSeconds * 1_000;
  return askedMs > backoffMs ? askedMs + Math.round(backoffMs / 10) : backoffMs;
}

/** What took too long, or was too much, would be so once more. */
const NOT_WORTH_A_RETRY: ReadonlySet<string> = new Set(['provider_timeout', TOO_LARGE]);

/** Longer than this no caller is kept waiting while another model could answer. */
const LONGEST_WAIT_MS = 30_000;

function fits(waitMs: number, { nowMs, deadlineMs }: Situation): boolean {
  return nowMs + waitMs + LEAST_USEFUL_MS <= deadlineMs;
}

/** The first step of the next model that may do better. */
function nextModel(steps: readonly Step[], index: number, { failureClass, code }: Failure): number | undefined {
  const { modelId, model } = steps[index] as Step;
  const found = steps.findIndex(
    (step, place) =>
      place > index &&
      step.modelId !== modelId &&
      (failureClass !== 'key' || step.model.provider !== model.provider) &&
      (code !== CONTEXT_TOO_LONG || step.model.contextWindowTokens > model.contextWindowTokens),
  );
  return found < 0 ? undefined : found;
}

/** The code of a {@link Failure} that only a larger context mends. */
const CONTEXT_TOO_LONG = 'context_length_exceeded';

/** What was thrown by a call, or by its admission, as a failure; undefined for a mistake of our own. */
export function failureOf(thrown: unknown): Failure | undefined {
  if (thrown instanceof ProviderFailure) {
    const { failureClass, error, reason, retryAfterSeconds } = thrown;
    return {
      failureClass,
      code: reason === SILENT || reason === OVERDUE ? error.code : (reason ?? error.code),
      retryAfterSeconds,
    };
  }
  if (!(thrown instanceof GatewayError)) return undefined;
  // A cheaper model may fit a budget that this one does not; a limit on calls holds for all.
  const failureClass = thrown.code === 'budget_exhausted' ? 'model' : 'caller';
  return { failureClass, code: thrown.code, retryAfterSeconds: undefined };
}
