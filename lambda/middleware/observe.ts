import { randomUUID } from 'node:crypto';
import type { MiddlewareObj, Request } from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Call, CallContext, SettlingContext } from '../call.ts';
import { toGatewayError } from '../core/errors.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import { requestId } from '../core/request-id.ts';
import type { HttpResponse } from '../http.ts';
import type { Clock, Observer } from '../ports.ts';

/** Gives the request its id and its place for facts, `context.call`. */
export function observe({
  clock,
}: {
  clock: Clock;
}): MiddlewareObj<APIGatewayProxyEvent, HttpResponse, Error, CallContext> {
  return {
    before({ event, context }) {
      const now = clock();
      context.call = {
        requestId: requestId(now, randomUUID()),
        startedAtMs: now,
        route: `${event.httpMethod} ${event.resource}`,
        attempts: 0,
      };
    },
  };
}

/** Tells of a job as of any request, once it has ended. Its status is what a chat would have been answered with. */
export function jobEnded(observer: Observer, { requestId, route, event, outcome, errorCode, error }: Call): void {
  const thrown = error instanceof ProviderFailure ? error.error : error;
  observer.requestEnded({
    requestId,
    route,
    status: outcome === 'answered' ? 200 : toGatewayError(thrown).status,
    latencyMs: event?.latencyMs ?? 0,
    event,
    errorCode,
    error,
  });
}

/** Middy's `requestEnd`: runs once for every request, after the last byte, whatever happened. */
export function requestEnded({
  clock,
  observer,
  atEnd,
  afterwards,
}: {
  clock: Clock;
  observer: Observer;
  /** What else is to be done for a call that is over. */
  atEnd?: (call: Call) => Promise<void>;
  /** What is done when all is said: it may take its time, which is not the request's. */
  afterwards?: (context: CallContext) => Promise<void>;
}) {
  return async (request: Request): Promise<void> => {
    const context = request.context as CallContext & Partial<SettlingContext>;
    const { call, settle } = context;
    // A torn stream is still being settled; whatever else has not been is now.
    await call.ended;
    await settle?.();
    await atEnd?.(call);
    const response = request.response as HttpResponse | undefined;
    observer.requestEnded({
      requestId: call.requestId,
      route: call.route,
      status: response?.statusCode ?? 500,
      latencyMs: clock() - call.startedAtMs,
      event: call.event,
      errorCode: call.errorCode,
      error: call.error,
    });
    await afterwards?.(context);
  };
}
