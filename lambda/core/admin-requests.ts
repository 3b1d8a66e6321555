import { dayAt } from './calendar.ts';
import { invalidRequest } from './errors.ts';
import {
  checkFields,
  type FieldChecks,
  flag,
  integerBetween,
  listOf,
  numberBetween,
  textUpTo,
} from './field-checks.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import type { AccountBudgets, AccountTerms, BudgetAmounts, KeyTerms, LimitOverrides } from './terms.ts';

/** Account ids are parts of store keys: letters, digits, and a few marks that mean nothing there. */
const ACCOUNT_ID = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** A name with at least one dot, perhaps with a port: never an address, and nothing of this network. */
const HOST =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](:(?<port>[1-9]\d{0,4}))?$/;

/** The port of https itself is never part of an address's host. */
function isHost(value: string): boolean {
  const found = HOST.exec(value);
  const port = found?.groups?.port;
  return found !== null && (port === undefined || (Number(port) <= 65_535 && Number(port) !== 443));
}

const MAXIMUM_DOLLARS = 1_000_000_000;
const object = (value: unknown) => (isJsonObject(value) ? undefined : 'must be an object');
const limit = integerBetween(1, 1_000_000_000);
const accountId = (value: unknown) =>
  typeof value === 'string' && ACCOUNT_ID.test(value)
    ? undefined
    : 'must have 1 to 64 letters, digits, ".", "_" or "-"';
const timeZone = (value: unknown) =>
  isTimeZone(value) ? undefined : 'must be an IANA time zone such as Europe/Berlin';
const hostName = (value: unknown) =>
  typeof value === 'string' && isHost(value) ? undefined : 'must be a host name such as hooks.example.com';
const models = listOf(textUpTo(256), 200);

const ACCOUNT_CHECKS: FieldChecks = {
  id: accountId,
  tier: textUpTo(64),
  limits: object,
  budgets: object,
  allowedModels: models,
  tags: listOf(textUpTo(256), 20),
  timeZone,
  isSuspended: flag,
  webhookHosts: listOf(hostName, 20),
};

/** Models with a limit of their own an account may have. */
const MAXIMUM_MODEL_LIMITS = 100;

const LIMIT_CHECKS: FieldChecks = {
  requestsPerMinute: limit,
  tokensPerMinute: limit,
  callsInFlight: integerBetween(1, 200),
  modelRequestsPerMinute: object,
};

const AMOUNT_CHECKS: FieldChecks = {
  dayDollars: numberBetween(0, MAXIMUM_DOLLARS),
  monthDollars: numberBetween(0, MAXIMUM_DOLLARS),
};

const BUDGET_CHECKS: FieldChecks = {
  ...AMOUNT_CHECKS,
  hardStopPercent: numberBetween(100, 1_000),
  softLimit: (value) =>
    value === 'warn' || (isJsonObject(value) && isPriceLimit(value.maxCostPer1MTokens))
      ? undefined
      : 'must be "warn" or {"maxCostPer1MTokens": <dollars>}',
};

const isPriceLimit = (value: unknown) => typeof value === 'number' && value >= 0 && value <= MAXIMUM_DOLLARS;

const KEY_CHECKS: FieldChecks = {
  account: accountId,
  role: (value) => (value === 'caller' || value === 'admin' ? undefined : 'must be caller or admin'),
  label: (value) =>
    typeof value === 'string' && value.length <= 256 ? undefined : 'must be a string of up to 256 characters',
  allowedModels: models,
  requestsPerMinute: limit,
  budgets: object,
  expiresInSeconds: integerBetween(1, 10 * 365 * 86_400),
};

/** The terms an admin's body sets, laid over those that were there; null takes a term away. Throws a 400 by field. */
export function changedTerms(before: AccountTerms, body: JsonObject, tiers: readonly string[]): AccountTerms {
  knownFieldsOnly(body, ACCOUNT_CHECKS);
  checkFields(body, ACCOUNT_CHECKS);
  if (typeof body.tier === 'string' && !tiers.includes(body.tier)) {
    throw invalidRequest('tier', `"tier" must be one of ${tiers.join(', ')}.`);
  }
  const { id: _id, limits, budgets, ...rest } = body;
  return withoutNulls({
    ...before,
    ...rest,
    ...(limits === undefined ? {} : { limits: changedLimits(before.limits, limits) }),
    ...(budgets === undefined ? {} : { budgets: changedBudgets(before.budgets, budgets) }),
  }) as unknown as AccountTerms;
}

/** In an override null means "unlimited", so only the object itself can be taken away. */
function changedLimits(before: LimitOverrides | undefined, limits: unknown): LimitOverrides | null {
  if (!isJsonObject(limits)) return null;
  knownFieldsOnly(limits, LIMIT_CHECKS);
  checkFields(limits, LIMIT_CHECKS);
  const { modelRequestsPerMinute: byModel } = limits;
  if (!isJsonObject(byModel)) return { ...before, ...limits };
  if (Object.keys(byModel).length > MAXIMUM_MODEL_LIMITS) {
    throw invalidRequest(
      'modelRequestsPerMinute',
      `"modelRequestsPerMinute" may limit at most ${MAXIMUM_MODEL_LIMITS} models.`,
    );
  }
  const modelRequestsPerMinute = withoutNulls({ ...before?.modelRequestsPerMinute, ...byModel }) as Record<
    string,
    number
  >;
  for (const value of Object.values(modelRequestsPerMinute))
    checkFields({ modelRequestsPerMinute: value }, { modelRequestsPerMinute: limit });
  return { ...before, ...limits, modelRequestsPerMinute };
}

function changedBudgets(before: AccountBudgets | undefined, budgets: unknown): AccountBudgets | null {
  if (!isJsonObject(budgets)) return null;
  const amounts = budgetAmounts(budgets, BUDGET_CHECKS);
  const { hardStopPercent, softLimit } = budgets;
  const rules = {
    ...(hardStopPercent === undefined ? {} : { hardStopPercent }),
    ...(softLimit === undefined ? {} : { softLimit }),
  };
  return withoutNulls({ ...before, ...amounts, ...rules }) as AccountBudgets;
}

function changedKeyBudgets(before: BudgetAmounts | undefined, budgets: unknown): BudgetAmounts | null {
  if (!isJsonObject(budgets)) return null;
  return withoutNulls({ ...before, ...budgetAmounts(budgets, AMOUNT_CHECKS) }) as BudgetAmounts;
}

/** Dollars of a body as micro-dollars; null stays, to take an amount away. */
function budgetAmounts(budgets: JsonObject, checks: FieldChecks): JsonObject {
  knownFieldsOnly(budgets, checks);
  checkFields(budgets, checks);
  const amounts: JsonObject = {};
  for (const [dollars, microDollars] of [
    ['dayDollars', 'dayMicroDollars'],
    ['monthDollars', 'monthMicroDollars'],
  ] as const) {
    const value = budgets[dollars];
    if (value !== undefined) amounts[microDollars] = value === null ? null : Math.round((value as number) * 1_000_000);
  }
  return amounts;
}

/** The name of a new account. */
export function newAccountId(body: JsonObject): string {
  checkFields(body, { id: accountId });
  if (typeof body.id !== 'string') throw invalidRequest('id', '"id" is missing: the name of the new account.');
  return body.id;
}

/** What a body says of a key: `account` and `role` count only for a new one. */
export interface KeyChange {
  account: string | undefined;
  role: 'caller' | 'admin';
  label: string | undefined;
  terms: KeyTerms;
  expiresInSeconds: number | undefined;
}

/** The key an admin's body describes, over the terms that were there. Throws a 400 by field. */
export function keyChange(body: JsonObject, before: KeyTerms): KeyChange {
  knownFieldsOnly(body, KEY_CHECKS);
  checkFields(body, KEY_CHECKS);
  const { allowedModels, requestsPerMinute, budgets } = body;
  const terms = {
    ...before,
    ...(allowedModels === undefined ? {} : { allowedModels }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(budgets === undefined ? {} : { budgets: changedKeyBudgets(before.budgets, budgets) }),
  };
  return {
    account: typeof body.account === 'string' ? body.account : undefined,
    role: body.role === 'admin' ? 'admin' : 'caller',
    label: typeof body.label === 'string' ? body.label : undefined,
    terms: withoutNulls(terms) as KeyTerms,
    expiresInSeconds: typeof body.expiresInSeconds === 'number' ? body.expiresInSeconds : undefined,
  };
}

function knownFieldsOnly(body: JsonObject, checks: FieldChecks): void {
  const fields = Object.keys(checks);
  if (Object.keys(body).every((field) => fields.includes(field))) return;
  throw invalidRequest('body', `There is a field that is not known here. Known are ${fields.join(', ')}.`);
}

function withoutNulls(fields: object): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    dayAt(0, value);
    return true;
  } catch {
    return false;
  }
}
