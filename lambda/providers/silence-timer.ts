import { silentProvider } from '../core/provider-failure.ts';

/**
 * Ends a call to a provider when the request ends or the provider is silent for too long. Only the time spent waiting
 * for the provider counts, not the time a slow caller takes to read.
 */
export interface SilenceTimer {
  readonly signal: AbortSignal;
  /** Starts waiting: from now on the provider has this many milliseconds. */
  wait(milliseconds: number): void;
  /** Something arrived. */
  arrived(): void;
  /** Frees the timer and the listener; call it once the answer is over. */
  stop(): void;
}

export function silenceTimer(requestSignal: AbortSignal): SilenceTimer {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onRequestEnd = () => controller.abort(requestSignal.reason);
  if (requestSignal.aborted) onRequestEnd();
  else requestSignal.addEventListener('abort', onRequestEnd, { once: true });

  function arrived() {
    clearTimeout(timer);
    timer = undefined;
  }
  return {
    signal: controller.signal,
    wait(milliseconds) {
      timer ??= setTimeout(() => controller.abort(silentProvider()), milliseconds);
    },
    arrived,
    stop() {
      arrived();
      requestSignal.removeEventListener('abort', onRequestEnd);
    },
  };
}
