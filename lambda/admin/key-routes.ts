import { keyChange } from '../core/admin-requests.ts';
import { apiKeyId, hashApiKey, newApiKey } from '../core/api-key.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
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
  const expiry = expiresInSeconds === undefined ? {} : { expiresAtMs: gateway.clock() + expiresInSeconds * 1_000 };
  const created = await store(gateway, account, { role, label, terms, ...expiry });
  await audit(account, 'key.create', null, created.stored);
  return { status: 201, body: { ...created.stored, key: created.key } };
}

async function listKeys({ gateway, query }: AdminRequest) {
  if (!query.account) throw invalidRequest('account', 'Name the account: ?account=<id>.');
  return { status: 200, body: { data: await gateway.keys.ofAccount(query.account) } };
}

async function changeKey({ gateway, id, body, audit }: AdminRequest) {
  const before = await foundKey(gateway, id);
  const { account, label, terms, expiresInSeconds } = keyChange(body, before.terms);
  if (account !== undefined || body.role !== undefined) {
    throw invalidRequest('account', 'A key keeps its account and role. Create another one.');
  }
  checkModels(gateway, terms);
  const expiry = expiresInSeconds === undefined ? {} : { expiresAtMs: gateway.clock() + expiresInSeconds * 1_000 };
  const after = await gateway.keys.change(id, { terms, ...(label === undefined ? {} : { label }), ...expiry });
  await audit(before.account, 'key.change', before, after);
  return { status: 200, body: after };
}

async function revokeKey({ gateway, id, audit }: AdminRequest) {
  const before = await foundKey(gateway, id);
  const after = await gateway.keys.change(id, { revokedAtMs: gateway.clock() });
  await audit(before.account, 'key.revoke', before, after);
  return { status: 200, body: after };
}

async function rotateKey({ gateway, id, body, audit }: AdminRequest) {
  const overlap = body.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS;
  if (!Number.isInteger(overlap) || (overlap as number) < 0 || (overlap as number) > MAXIMUM_OVERLAP_SECONDS) {
    throw invalidRequest(
      'overlapSeconds',
      `"overlapSeconds" must be a whole number from 0 to ${MAXIMUM_OVERLAP_SECONDS}.`,
    );
  }
  const before = await foundKey(gateway, id);
  if (before.revokedAtMs !== undefined) throw new GatewayError('conflict', 'This key is revoked. Create a new one.');
  const { role, label, terms } = before;
  const created = await store(gateway, before.account, { role, label, terms });
  const endsAtMs = gateway.clock() + (overlap as number) * 1_000;
  const after = await gateway.keys.change(id, { expiresAtMs: Math.min(endsAtMs, before.expiresAtMs ?? endsAtMs) });
  await audit(before.account, 'key.rotate', before, { old: after, new: created.stored });
  return { status: 201, body: { ...created.stored, key: created.key, replaces: after } };
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
  if (!key)
    throw new GatewayError('not_found', 'There is no key of this id. GET /v2/admin/keys?account=<id> lists them.');
  return key;
}
