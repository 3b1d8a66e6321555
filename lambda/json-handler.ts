import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { answerHeaders } from './answer-headers.ts';
import type { Call, CallContext } from './call.ts';
import type { Gateway } from './gateway.ts';
import { type BufferedHandler, type HttpResponse, JSON_TYPE } from './http.ts';
import { answerErrors } from './middleware/answer-errors.ts';
import { authenticate } from './middleware/authenticate.ts';
import { observe, requestEnded } from './middleware/observe.ts';

/** An answer that is JSON. */
export interface JsonAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

type Answer = (event: APIGatewayProxyEvent, call: Call) => Promise<JsonAnswer>;
type Middleware = MiddlewareObj<APIGatewayProxyEvent, HttpResponse, Error, CallContext>;

/** A handler for whoever has a key: errors are answered, the call is observed, its caller known. */
export function keyedHandler(gateway: Gateway, answer: Answer, ...further: Middleware[]): BufferedHandler {
  return jsonHandler(gateway, answer, [authenticate(gateway), ...further]);
}

/** A handler for everybody. */
export function publicHandler(gateway: Gateway, answer: Answer): BufferedHandler {
  return jsonHandler(gateway, answer, []);
}

function jsonHandler(gateway: Gateway, answer: Answer, middlewares: Middleware[]): BufferedHandler {
  const pipeline = middy({ timeoutEarlyInMillis: 0, requestEnd: requestEnded(gateway) })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(middlewares)
    .handler(async (event: APIGatewayProxyEvent, { call }: CallContext) =>
      jsonResponse(await answer(event, call), call, gateway.clock()),
    );
  // Middy's type asks the invoker for what its own middlewares add to the context.
  return pipeline as unknown as BufferedHandler;
}

/** The response for an answer. None of them is to be kept by anybody in between. */
export function jsonResponse({ status, body, headers }: JsonAnswer, call: Call, nowMs: number): HttpResponse {
  return {
    statusCode: status,
    headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store', ...answerHeaders(call, nowMs), ...headers },
    body: JSON.stringify(body),
  };
}
