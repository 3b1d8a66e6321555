import type { MiddlewareObj } from '@middy/core';
import type { TimedContext } from '../call.ts';
import { startLifetime } from '../chat/lifetime.ts';
import type { Configuration } from '../core/configuration.ts';
import { timeLimitMs } from '../core/deadline.ts';
import type { HttpResponse } from '../http.ts';
import type { Clock } from '../ports.ts';

interface DeadlinePorts {
  configuration: Pick<Configuration, 'deadlines'>;
  clock: Clock;
}

/** Gives the request its deadline, `context.lifetime`: whatever waits from here on waits no longer. */
export function deadline({
  configuration,
  clock,
}: DeadlinePorts): MiddlewareObj<unknown, HttpResponse, Error, TimedContext> {
  return {
    before({ context }) {
      const { timeoutMs } = context.call.chat?.request.options ?? {};
      const limitMs = timeLimitMs(timeoutMs, configuration.deadlines, context.getRemainingTimeInMillis());
      context.deadlineAtMs = clock() + limitMs;
      context.lifetime = startLifetime(limitMs, context.callerSignal);
    },

    onError({ context }) {
      context.lifetime?.end();
    },
  };
}
