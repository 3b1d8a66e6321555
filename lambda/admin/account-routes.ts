import { changedTerms, newAccountId } from '../core/admin-requests.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import type { AccountTerms } from '../core/terms.ts';
import { newWebhookSecret } from '../core/webhook-signature.ts';
import type { Account, ApiKey } from '../ports.ts';
import type { AdminGateway } from './gateway.ts';
import type { AdminRequest, AdminRoute } from './handler.ts';

/** Accounts: created, listed, read, changed and unlocked. Every change is audited. */
export const accountRoutes: Readonly<Record<string, AdminRoute>> = {
  'POST /v2/admin/accounts': createAccount,
  'GET /v2/admin/accounts': listAccounts,
  'GET /v2/admin/accounts/{id}': readAccount,
  'PATCH /v2/admin/accounts/{id}': changeAccount,
  'POST /v2/admin/accounts/{id}/unlock': unlockAccount,
  'POST /v2/admin/accounts/{id}/webhook-secret': makeWebhookSecret,
  'GET /v2/admin/accounts/{id}/audit': readAudit,
};

async function createAccount({ gateway, body, audit }: AdminRequest) {
  const { accounts, configuration } = gateway;
  const id = newAccountId(body);
  const terms = changedTerms({ tier: configuration.defaultTier }, body, Object.keys(configuration.tiers));
  checkModels(gateway, terms);
  const account = await accounts.create(id, terms);
  if (!account)
    throw new GatewayError('conflict', 'There is an account of this name. Change it with PATCH.', { param: 'id' });
  await audit(id, 'account.create', null, terms);
  return { status: 201, body: publicAccount(account) };
}

async function listAccounts({ gateway, query }: AdminRequest) {
  const { ids, next } = await gateway.accounts.list(query.after);
  return { status: 200, body: { data: ids.map((id) => ({ id })), next: next ?? null } };
}

async function readAccount({ gateway, id }: AdminRequest) {
  const account = await found(gateway, id);
  return { status: 200, body: { ...publicAccount(account), keys: await gateway.keys.ofAccount(id) } };
}

async function changeAccount({ gateway, id, body, audit }: AdminRequest) {
  const { accounts, keys, configuration } = gateway;
  const change = (terms: AccountTerms) => {
    const next = changedTerms(terms, body, Object.keys(configuration.tiers));
    checkModels(gateway, next);
    return next;
  };
  const changed = await accounts.change(id, change);
  if (!changed) throw noAccount();
  await keys.copyTerms(changed.after);
  await audit(id, 'account.change', changed.before.terms, changed.after.terms);
  return { status: 200, body: publicAccount(changed.after) };
}

async function unlockAccount({ gateway, id, audit }: AdminRequest) {
  await found(gateway, id);
  await gateway.unlock(id);
  await audit(id, 'account.unlock', null, null);
  return { status: 200, body: { id, unlocked: true } };
}

/** A new secret for the signatures of the account's webhooks, shown once; the one before ends. */
async function makeWebhookSecret({ gateway, id, audit }: AdminRequest) {
  await found(gateway, id);
  const secret = newWebhookSecret();
  await gateway.accounts.putWebhookSecret(id, secret);
  await audit(id, 'account.webhook-secret', null, null);
  return { status: 201, body: { id, webhookSecret: secret } };
}

async function readAudit({ gateway, id }: AdminRequest) {
  await found(gateway, id);
  return { status: 200, body: { data: await gateway.accounts.auditOf(id) } };
}

/** The account of this id; throws a 404 when there is none. */
export async function found(gateway: AdminGateway, id: string): Promise<Account> {
  const account = await gateway.accounts.find(id);
  if (!account) throw noAccount();
  return account;
}

function noAccount(): GatewayError {
  return new GatewayError('not_found', 'There is no account of this name. GET /v2/admin/accounts lists them.');
}

/** Throws a 400 when an account or key is given a model that the gateway does not have: it could never be used. */
export function checkModels({ configuration }: AdminGateway, terms: AccountTerms | ApiKey['terms']): void {
  const limited = 'limits' in terms ? Object.keys(terms.limits?.modelRequestsPerMinute ?? {}) : [];
  for (const [field, ids] of [
    ['allowedModels', terms.allowedModels ?? []],
    ['modelRequestsPerMinute', limited],
  ] as const) {
    if (ids.every((id) => Object.hasOwn(configuration.models, id))) continue;
    throw invalidRequest(
      field,
      `"${field}" has a name that is no model id of this gateway. GET /v1/models lists them.`,
    );
  }
}

function publicAccount({ id, terms, revision, createdAtMs }: Account) {
  return { id, ...terms, revision, createdAt: new Date(createdAtMs).toISOString() };
}
