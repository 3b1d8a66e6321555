import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { answerHeaders } from '../answer-headers.ts';
import type { CallContext } from '../call.ts';
import { invalidRequest } from '../core/errors.ts';
import type { CacheScope } from '../core/fingerprint.ts';
import { type BufferedHandler, type HttpResponse, JSON_TYPE } from '../http.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import type { Caller } from '../ports.ts';
import type { CacheGateway } from './gateway.ts';

/**
 * DELETE /v2/cache: removes kept answers of the caller's account: one by `?fingerprint=`, those with a `?tag=`, those of an
 * end user by `?user=`, or all. Admins may name another account by `?account=`, or what a rule shares by `?group=`.
 */
export function cacheHandler(gateway: CacheGateway): BufferedHandler {
  const pipeline = middy({ timeoutEarlyInMillis: 0, requestEnd: requestEnded(gateway) })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(authenticate(gateway))
    .handler((event: APIGatewayProxyEvent, context: CallContext) => removeAnswers(gateway, event, context));
  return pipeline as unknown as BufferedHandler;
}

const FIELDS = ['account', 'fingerprint', 'group', 'tag', 'user'];

async function removeAnswers(
  { responseCache, clock }: CacheGateway,
  { queryStringParameters }: APIGatewayProxyEvent,
  { call }: CallContext,
): Promise<HttpResponse> {
  const query = queryStringParameters ?? {};
  const unknown = Object.keys(query).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw invalidRequest(unknown, `DELETE /v2/cache takes ${FIELDS.join(', ')}.`);
  const { caller } = call;
  if (!caller) throw new Error('authenticate must run before the handler');
  const { fingerprint, tag } = query;
  const which = { ...(fingerprint === undefined ? {} : { fingerprint }), ...(tag === undefined ? {} : { tag }) };
  const removed = await Promise.all(scopesOf(caller, query).map((scope) => responseCache.remove(scope, which)));
  return {
    statusCode: 200,
    headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store', ...answerHeaders(call, clock()) },
    body: JSON.stringify({ removed: removed.reduce((sum, count) => sum + count, 0) }),
  };
}

/** Where the caller's answers may lie: a deployment has one kind of scope, and may have had another before. */
function scopesOf(caller: Caller, query: Record<string, string | undefined>): CacheScope[] {
  const account = (caller.role === 'admin' ? query.account : undefined) ?? caller.account;
  if (caller.role === 'admin' && query.group !== undefined) return [{ kind: 'shared', group: query.group }];
  if (query.user !== undefined) return [{ kind: 'user', account, user: query.user }];
  return [
    { kind: 'account', account },
    { kind: 'key', account, keyId: caller.keyId },
  ];
}
