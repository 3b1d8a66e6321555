/** A signal for a probe, and how to have it follow the caller's from now on. */
export interface ProbeSignal {
  signal: AbortSignal;
  follow(): void;
}

/**
 * A probe belongs to everybody who waits for the model: a caller who hangs up must not end it, or one who always does would
 * keep a healthy model closed. The signal follows the caller's once the provider has begun to answer, or after `patienceMs`.
 */
export function probeSignal(caller: AbortSignal, patienceMs: number): ProbeSignal {
  const own = new AbortController();
  const stop = () => own.abort(caller.reason);
  const follow = () => {
    clearTimeout(timer);
    if (caller.aborted) stop();
    else caller.addEventListener('abort', stop, { once: true });
  };
  const timer = setTimeout(follow, patienceMs);
  return { signal: own.signal, follow };
}
