import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { CallContext } from '../call.ts';
import { bearerToken, hashApiKey } from '../core/api-key.ts';
import { GatewayError } from '../core/errors.ts';
import { type HttpResponse, lowerCaseHeaders } from '../http.ts';
import type { Caller, Callers } from '../ports.ts';

/** The key of the request to `context.call.caller`. The same 401 for a missing, malformed, unknown, expired or revoked key. */
export function authenticate({
  callers,
}: {
  callers: Callers;
}): MiddlewareObj<APIGatewayProxyEvent, HttpResponse, Error, CallContext> {
  return {
    async before({ event, context }) {
      const key = bearerToken(lowerCaseHeaders(event).authorization);
      const caller = key === undefined ? undefined : await findCaller(callers, hashApiKey(key));
      if (!caller) {
        throw new GatewayError(
          'invalid_api_key',
          'No valid key. Send one of this gateway as "Authorization: Bearer hg_…".',
        );
      }
      context.call.caller = caller;
    },
  };
}

/** Fails closed: without the store nobody is let in. */
async function findCaller(callers: Callers, keyHash: string): Promise<Caller | undefined> {
  try {
    return await callers.find(keyHash);
  } catch (cause) {
    const message = 'The key could not be checked, because the store does not answer. Try again.';
    throw new GatewayError('store_unavailable', message, { cause, retryAfterSeconds: 1 });
  }
}
