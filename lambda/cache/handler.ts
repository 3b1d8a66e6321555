import { GatewayError, invalidRequest } from '../core/errors.ts';
import type { CacheOwner } from '../core/fingerprint.ts';
import { given } from '../core/given.ts';
import type { BufferedHandler } from '../http.ts';
import { keyedHandler } from '../json-handler.ts';
import type { Caller } from '../ports.ts';
import type { CacheGateway } from './gateway.ts';

const FIELDS = ['account', 'fingerprint', 'group', 'tag', 'user'];
const LONGEST_FIELD = 512;

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
    const wrong = FIELDS.find((field) => query[field] === '' || (query[field]?.length ?? 0) > LONGEST_FIELD);
    if (wrong !== undefined) throw invalidRequest(wrong, `${wrong} must have 1 to ${LONGEST_FIELD} characters.`);
    const which = given({ fingerprint: query.fingerprint, tag: query.tag, user: query.user });
    const owner = ownerOf(caller, query);
    const fingerprints = await gateway.responseCache.list(owner, which);
    await gateway.responseCache.remove(owner, fingerprints).catch((cause) => {
      const message = 'Not all answers could be removed, because a store does not answer. Try again.';
      throw new GatewayError('store_unavailable', message, { cause, retryAfterSeconds: 1 });
    });
    return { status: 200, body: { removed: fingerprints.length } };
  });
}

/** Whose answers are meant; only an admin may name another's, since a field that is passed over would remove too much. */
function ownerOf({ role, account }: Caller, query: Record<string, string | undefined>): CacheOwner {
  const { group } = query;
  if (role !== 'admin' && (group !== undefined || (query.account ?? account) !== account)) {
    throw new GatewayError('forbidden', 'Only an admin key may name a group or another account.');
  }
  if (group === undefined) return { account: query.account ?? account };
  if (query.account !== undefined) throw invalidRequest('group', 'Name an account or a group, not both.');
  return { group };
}
