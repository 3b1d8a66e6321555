import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { answerHeaders } from '../answer-headers.ts';
import type { CallContext } from '../call.ts';
import { GatewayError } from '../core/errors.ts';
import { isRequestId } from '../core/request-id.ts';
import { type BufferedHandler, type HttpResponse, JSON_TYPE } from '../http.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import type { UsageGateway } from './gateway.ts';

/** GET /v2/usage/requests/{id}: the usage event of one request. Admins may ask for another account by `?account=`. */
export function usageHandler(gateway: UsageGateway): BufferedHandler {
  const pipeline = middy({ timeoutEarlyInMillis: 0, requestEnd: requestEnded(gateway) })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(authenticate(gateway))
    .handler((event: APIGatewayProxyEvent, context: CallContext) => readEvent(gateway, event, context));
  return pipeline as unknown as BufferedHandler;
}

async function readEvent(
  { ledger, clock }: UsageGateway,
  { pathParameters, queryStringParameters }: APIGatewayProxyEvent,
  { call }: CallContext,
): Promise<HttpResponse> {
  const id = pathParameters?.id ?? '';
  const asked = call.caller?.role === 'admin' ? queryStringParameters?.account : undefined;
  const account = asked ?? call.caller?.account ?? '';
  const event = isRequestId(id) ? await ledger.find(account, id) : undefined;
  if (!event) throw new GatewayError('not_found', 'This account has no request of this id.');
  return {
    statusCode: 200,
    headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store', ...answerHeaders(call, clock()) },
    body: JSON.stringify(event),
  };
}
