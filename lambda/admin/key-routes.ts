import { keyChange } from '../core/admin-requests.ts';
import { apiKeyId, hashApiKey, newApiKey } from '../core/api-key.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import type { JsonObject } from '../core/json-body.ts';
import type { ApiKey, NewApiKey } from '../ports.ts';
import { checkModels, found } from './account-routes.ts';
import type { AdminGateway } from './gateway.ts';
import type { AdminRequest, AdminRoute } from './handler.ts';

/** Keys: created, listed, changed, rotated and revoked. The key itself is in the answer that makes it, and never again. */
export const keyRoutes: Readonly<Record<string, AdminRoute>> = {
  'POST /v2/admin/keys': createKey,
  'GET /v2/admin/keys': listKeys,
  'PATCH /v2/admin/keys/{id}': changeKey,
  'DELETE /v2/admin/keys/{id}': revokeKey,
  'POST /v2/admin/keys/{id}/rotate': rotateKey,
};

/** How long the old key goes on when the admin does not say: time to roll out the new one. */
const DEFAULT_OVERLAP_SECONDS = 86_400;
const MAXIMUM_OVERLAP_SECONDS = 30 * 86_400;

async function createKey({ gateway, body, audit }: AdminRequest) {
  const { account, role, label = '', terms, expiresInSeconds } = keyChange(body, {});
  if (account === undefined) throw invalidRequest('account', '"account" is missing: the account the key is for.');
  checkModels(gateway, terms);
  await found(gateway, account);
  const fields: NewApiKey = { role, label, terms, ...expiry(gateway, expiresInSeconds) };
  // Recorded before it can be used: no key is ever at large that nobody knows of.
  await audit(account, 'key.create', null, fields);
  const created = await store(gateway, account, fields);
  return { status: 201, body: { ...created.stored, key: created.key } };
}

async function listKeys({ gateway, query }: AdminRequest) {
  if (!query.account) throw invalidRequest('account', 'Name the account: ?account=<id>.');
  const { id } = await found(gateway, query.account);
  return { status: 200, body: { data: await gateway.keys.ofAccount(id) } };
}

async function changeKey({ gateway, id, body, audit }: AdminRequest) {
  if (body.account !== undefined || body.role !== undefined) {
    throw invalidRequest('account', 'A key keeps its account and role. Create another one.');
  }
  const changed = await gateway.keys.change(id, ({ terms: before }) => {
    const { label, terms, expiresInSeconds } = keyChange(body, before);
    checkModels(gateway, terms);
    return { terms, ...(label === undefined ? {} : { label }), ...expiry(gateway, expiresInSeconds) };
  });
  if (!changed) throw noKey();
  await audit(changed.after.account, 'key.change', changed.before, changed.after);
  return { status: 200, body: changed.after };
}

async function revokeKey({ gateway, id, audit }: AdminRequest) {
  const changed = await gateway.keys.change(id, () => ({ revokedAtMs: gateway.clock() }));
  if (!changed) throw noKey();
  await audit(changed.after.account, 'key.revoke', changed.before, changed.after);
  return { status: 200, body: changed.after };
}

async function rotateKey({ gateway, id, body, audit }: AdminRequest) {
  const overlap = overlapSeconds(body);
  const old = await foundKey(gateway, id);
  const now = gateway.clock();
  if (old.revokedAtMs !== undefined || (old.expiresAtMs ?? now + 1) <= now) {
    throw new GatewayError('conflict', 'This key has ended. Create a new one.');
  }
  const { role, label, terms, expiresAtMs } = old;
  const fields: NewApiKey = { role, label, terms, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
  await audit(old.account, 'key.rotate', old, fields);
  const created = await store(gateway, old.account, fields);
  const endsAtMs = now + overlap * 1_000;
  const ended = await gateway.keys.change(id, (key) => ({
    expiresAtMs: Math.min(endsAtMs, key.expiresAtMs ?? endsAtMs),
  }));
  return { status: 201, body: { ...created.stored, key: created.key, replaces: ended?.after } };
}

function overlapSeconds(body: JsonObject): number {
  const overlap = body.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS;
  const isKnown = Object.keys(body).every((field) => field === 'overlapSeconds');
  if (
    isKnown &&
    typeof overlap === 'number' &&
    Number.isInteger(overlap) &&
    overlap >= 0 &&
    overlap <= MAXIMUM_OVERLAP_SECONDS
  ) {
    return overlap;
  }
  const message = `The body may hold "overlapSeconds", a whole number from 0 to ${MAXIMUM_OVERLAP_SECONDS}, and nothing else.`;
  throw invalidRequest('overlapSeconds', message);
}

function expiry({ clock }: AdminGateway, seconds: number | undefined): { expiresAtMs?: number } {
  return seconds === undefined ? {} : { expiresAtMs: clock() + seconds * 1_000 };
}

async function store(
  gateway: AdminGateway,
  accountId: string,
  fields: NewApiKey,
): Promise<{ key: string; stored: ApiKey }> {
  const account = await found(gateway, accountId);
  const key = newApiKey();
  const hash = hashApiKey(key);
  await gateway.keys.put(hash, fields, account);
  // The account may have been changed between the look at it and the key's writing; then the key must learn of it.
  const newest = await found(gateway, accountId);
  if (newest.revision !== account.revision) await gateway.keys.copyTerms(newest);
  return { key, stored: await foundKey(gateway, apiKeyId(hash)) };
}

async function foundKey(gateway: AdminGateway, id: string): Promise<ApiKey> {
  const key = await gateway.keys.find(id);
  if (!key) throw noKey();
  return key;
}

function noKey(): GatewayError {
  return new GatewayError('not_found', 'There is no key of this id. GET /v2/admin/keys?account=<id> lists them.');
}
