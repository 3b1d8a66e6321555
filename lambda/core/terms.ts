/** Limits of a tier or an account. What is absent is unlimited. */
export interface Limits {
  requestsPerMinute?: number;
  /** Input and output together. */
  tokensPerMinute?: number;
  /** Calls to providers at the same time. */
  callsInFlight?: number;
  /** Requests a minute for single models, by model id. */
  modelRequestsPerMinute?: Readonly<Record<string, number>>;
}

export type Tier = Readonly<Limits>;

/** What an account overrides of its tier; null lifts a limit. */
export type LimitOverrides = { [Name in keyof Limits]?: Limits[Name] | null };

/** Money in micro-dollars that may be spent in a day and in a calendar month. What is absent is unlimited. */
export interface BudgetAmounts {
  dayMicroDollars?: number;
  monthMicroDollars?: number;
}

export interface AccountBudgets extends BudgetAmounts {
  /** Where spending ends, in percent of the amount; the deployment's rule without. */
  hardStopPercent?: number;
  /** What happens from 100 % on: a warning, or only models whose prices per million tokens are within these dollars. */
  softLimit?: 'warn' | { maxCostPer1MTokens: number };
}

/** What an account may do, as an admin sets it. */
export interface AccountTerms {
  tier: string;
  limits?: LimitOverrides;
  budgets?: AccountBudgets;
  /** Model ids; absent means all. */
  allowedModels?: readonly string[];
  tags?: readonly string[];
  /** An IANA zone such as Europe/Berlin; its midnight begins the account's day. UTC without. */
  timeZone?: string;
  isSuspended?: boolean;
  /** Hosts, with a port where it is not 443, that the webhooks of the account's jobs may go to. */
  webhookHosts?: readonly string[];
  /** When the tier was last set by a subscription, epoch seconds: older news of it is ignored. */
  billedAt?: number;
}

/** How a key narrows what its account may do. */
export interface KeyTerms {
  allowedModels?: readonly string[];
  requestsPerMinute?: number;
  budgets?: BudgetAmounts;
}

/** The terms of one caller: tier, account and key put together. */
export interface CallerTerms {
  tier: string;
  limits: Limits;
  keyRequestsPerMinute?: number;
  budgets: AccountBudgets;
  keyBudgets: BudgetAmounts;
  /** Each list must hold a model that the caller may use. */
  allowedModels: readonly (readonly string[])[];
  tags: readonly string[];
  timeZone: string;
  webhookHosts: readonly string[];
}

/** Puts tier, account and key together. A tier that is no longer configured allows what the default tier does. */
export function callerTerms(
  account: AccountTerms,
  key: KeyTerms,
  tiers: Readonly<Record<string, Tier>>,
  defaultTier: string,
): CallerTerms {
  const limits: Record<string, unknown> = { ...(tiers[account.tier] ?? tiers[defaultTier]) };
  for (const [name, value] of Object.entries(account.limits ?? {})) {
    if (value === null) delete limits[name];
    else if (value !== undefined) limits[name] = value;
  }
  return {
    tier: account.tier,
    limits,
    ...(key.requestsPerMinute === undefined ? {} : { keyRequestsPerMinute: key.requestsPerMinute }),
    budgets: account.budgets ?? {},
    keyBudgets: key.budgets ?? {},
    allowedModels: [account.allowedModels, key.allowedModels].filter((list) => list !== undefined),
    tags: account.tags ?? [],
    timeZone: account.timeZone ?? 'UTC',
    webhookHosts: account.webhookHosts ?? [],
  };
}

/** True when every list that applies to the caller holds the model. */
export function mayUse(terms: CallerTerms, modelId: string): boolean {
  return terms.allowedModels.every((list) => list.includes(modelId));
}
