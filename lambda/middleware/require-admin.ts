import type { MiddlewareObj } from '@middy/core';
import type { CallContext } from '../call.ts';
import { GatewayError } from '../core/errors.ts';
import type { HttpResponse } from '../http.ts';

/** Lets only admins through. Who has no valid key has been told so before. */
export function requireAdmin(): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  return {
    before({ context: { call } }) {
      if (call.caller?.role !== 'admin') throw new GatewayError('forbidden', 'This route wants an admin key.');
    },
  };
}
