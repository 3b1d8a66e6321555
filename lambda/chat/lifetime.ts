import { clientClosed, deadlinePassed } from '../core/provider-failure.ts';

/** The time a request has, and the time its caller stays. */
export interface Lifetime {
  /** Aborts with the failure that says why the request must end. */
  readonly signal: AbortSignal;
  /** Aborts when nobody is there to be answered: with the request, or before it where others need its answer. */
  readonly caller: AbortSignal;
  hangUp(): void;
  /** Others need the answer, too: while this says so, a caller who hangs up does not end the request. */
  shareWith(isNeeded: () => boolean): void;
  /** Nobody else needs the answer any more. */
  release(): void;
  /** Frees the deadline's timer; call it once the answer is over. */
  end(): void;
}

/** A lifetime that ends at the deadline, when the caller hangs up, or when the platform says that it did. */
export function startLifetime(timeLimitMs: number, callerSignal: AbortSignal | undefined): Lifetime {
  const request = new AbortController();
  const caller = new AbortController();
  let isNeeded = () => false;
  const abort = (reason: unknown) => {
    request.abort(reason);
    caller.abort(reason);
  };
  const timer = setTimeout(() => abort(deadlinePassed()), timeLimitMs);
  const hangUp = () => {
    if (isNeeded()) caller.abort(clientClosed());
    else abort(clientClosed());
  };
  if (callerSignal?.aborted) hangUp();
  else callerSignal?.addEventListener('abort', hangUp, { once: true });
  return {
    signal: request.signal,
    caller: caller.signal,
    hangUp,
    shareWith(isNeededByOthers) {
      isNeeded = isNeededByOthers;
    },
    release() {
      if (caller.signal.aborted && !isNeeded()) request.abort(caller.signal.reason);
    },
    end() {
      clearTimeout(timer);
      callerSignal?.removeEventListener('abort', hangUp);
    },
  };
}
