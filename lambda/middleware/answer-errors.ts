import type { MiddlewareObj } from '@middy/core';
import { answerHeaders } from '../answer-headers.ts';
import type { CallContext } from '../call.ts';
import { errorBody, toGatewayError } from '../core/errors.ts';
import { type HttpResponse, JSON_TYPE } from '../http.ts';
import type { Clock } from '../ports.ts';
import { storeUnavailable } from '../store-unavailable.ts';

/** Turns whatever was thrown into an OpenAI-shaped answer. The first `.use()`, so that it runs last. */
export function answerErrors({ clock }: { clock: Clock }): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  return {
    onError(request) {
      const { call } = request.context;
      const error = toGatewayError(storeUnavailable(request.error));
      call.error ??= request.error;
      const headers: Record<string, string> = { 'content-type': JSON_TYPE, ...answerHeaders(call, clock()) };
      if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
      if (error.code === 'invalid_api_key') headers['www-authenticate'] = 'Bearer';
      request.response = { statusCode: error.status, headers, body: JSON.stringify(errorBody(error)) };
    },
  };
}
