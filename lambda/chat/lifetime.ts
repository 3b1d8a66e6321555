import { clientClosed, deadlinePassed } from '../core/provider-failure.ts';

/** The time a request has. Its signal aborts with the failure that says why the request must end. */
export interface Lifetime {
  readonly signal: AbortSignal;
  hangUp(): void;
  /** Frees the deadline's timer; call it once the answer is over. */
  end(): void;
}

/** A lifetime that ends at the deadline, when the caller hangs up, or when the platform says that it did. */
export function startLifetime(timeLimitMs: number, callerSignal: AbortSignal | undefined): Lifetime {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(deadlinePassed()), timeLimitMs);
  const hangUp = () => controller.abort(clientClosed());
  if (callerSignal?.aborted) hangUp();
  else callerSignal?.addEventListener('abort', hangUp, { once: true });
  return {
    signal: controller.signal,
    hangUp,
    end() {
      clearTimeout(timer);
      callerSignal?.removeEventListener('abort', hangUp);
    },
  };
}
