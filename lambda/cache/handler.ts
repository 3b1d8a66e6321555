import { invalidRequest } from '../core/errors.ts';
import type { CacheScope } from '../core/fingerprint.ts';
import { given } from '../core/given.ts';
import type { BufferedHandler } from '../http.ts';
import { keyedHandler } from '../json-handler.ts';
import type { Caller } from '../ports.ts';
import type { CacheGateway } from './gateway.ts';

const FIELDS = ['account', 'fingerprint', 'group', 'tag', 'user'];

/**
 * DELETE /v2/cache: removes kept answers of the caller's account: one by `?fingerprint=`, those with a `?tag=`, those of an
 * end user by `?user=`, or all. Admins may name another account by `?account=`, or what a rule shares by `?group=`.
 */
export function cacheHandler(gateway: CacheGateway): BufferedHandler {
  return keyedHandler(gateway, async ({ queryStringParameters }, { caller }) => {
    const query = queryStringParameters ?? {};
    const unknown = Object.keys(query).find((field) => !FIELDS.includes(field));
    if (unknown !== undefined) throw invalidRequest(unknown, `DELETE /v2/cache takes ${FIELDS.join(', ')}.`);
    if (!caller) throw new Error('authenticate must run before the handler');
    const which = given({ fingerprint: query.fingerprint, tag: query.tag });
    const scopes = scopesOf(caller, query);
    const removed = await Promise.all(scopes.map((scope) => gateway.responseCache.remove(scope, which)));
    return { status: 200, body: { removed: removed.reduce((sum, count) => sum + count, 0) } };
  });
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
