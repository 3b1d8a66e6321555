import { GatewayError, invalidRequest } from '../core/errors.ts';
import type { CacheOwner } from '../core/fingerprint.ts';
import { given } from '../core/given.ts';
import type { BufferedHandler } from '../http.ts';
import { keyedHandler } from '../json-handler.ts';
import type { KeptAnswers, KeptEntry } from '../kept-answers.ts';
import type { Caller } from '../ports.ts';
import { queryOf } from '../query-of.ts';
import type { CacheGateway } from './gateway.ts';

const FIELDS = ['account', 'fingerprint', 'group', 'tag', 'user'];
const LONGEST_FIELD = 512;

/**
 * GET /v2/cache lists kept answers of the caller's account, or shows the one with a `?fingerprint=` in full; DELETE removes
 * them. Both take those with a `?tag=`, those of an end user by `?user=`, or all. Admins may name another account by
 * `?account=`, or what a rule shares by `?group=`.
 */
export function cacheHandler(gateway: CacheGateway): BufferedHandler {
  return keyedHandler(gateway, async (event, { caller }) => {
    const { httpMethod } = event;
    const query = queryOf(event);
    const isList = httpMethod === 'GET';
    const fields = isList ? [...FIELDS, 'after'] : FIELDS;
    const unknown = Object.keys(query).find((field) => !fields.includes(field));
    if (unknown !== undefined) throw invalidRequest(unknown, `${httpMethod} /v2/cache takes ${fields.join(', ')}.`);
    if (!caller) throw new Error('authenticate must run before the handler');
    const wrong = fields.find((field) => query[field] === '' || (query[field]?.length ?? 0) > LONGEST_FIELD);
    if (wrong !== undefined) throw invalidRequest(wrong, `${wrong} must have 1 to ${LONGEST_FIELD} characters.`);
    const which = given({ fingerprint: query.fingerprint, tag: query.tag, user: query.user });
    const owner = ownerOf(caller, query);
    return {
      status: 200,
      body: await (isList ? show(gateway, owner, which, query.after) : remove(gateway, owner, which)),
    };
  });
}

async function show({ responseCache }: CacheGateway, owner: CacheOwner, which: KeptAnswers, after: string | undefined) {
  if (which.fingerprint !== undefined) {
    const entry = await responseCache.inspect(owner, which.fingerprint);
    if (!entry) throw new GatewayError('not_found', 'Nothing is kept under this fingerprint.');
    return entryShown(entry);
  }
  const { entries, next } = await responseCache.page(owner, which, after);
  return { entries: entries.map(entryShown), ...given({ next }) };
}

function entryShown({ fingerprint, tags, user, isSemantic, expiresAtMs, prompt, answer }: KeptEntry) {
  const shown = answer && {
    answer: JSON.parse(answer.text) as unknown,
    storedAt: new Date(answer.storedAtMs).toISOString(),
  };
  const expiresAt = new Date(expiresAtMs).toISOString();
  return { fingerprint, tags, isSemantic, expiresAt, ...given({ user, prompt }), ...shown };
}

async function remove({ responseCache }: CacheGateway, owner: CacheOwner, which: KeptAnswers) {
  const fingerprints = await responseCache.list(owner, which);
  await responseCache.remove(owner, fingerprints).catch((cause) => {
    const message = 'Not all answers could be removed, because a store does not answer. Try again.';
    throw new GatewayError('store_unavailable', message, { cause, retryAfterSeconds: 1 });
  });
  return { removed: fingerprints.length };
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
