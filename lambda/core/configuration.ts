import type { BudgetRules } from './budget.ts';
import type { Caching } from './cache-policy.ts';
import type { CircuitPolicy } from './circuit.ts';
import type { Deduplication } from './deduplication.ts';
import { isJsonObject } from './json-body.ts';
import type { Penalties } from './lock-out.ts';
import { problemsInChains, problemsInModels } from './model-problems.ts';
import type { Price } from './price.ts';
import type { RetryPolicy } from './retry.ts';
import type { RoutingParts } from './routing/policy.ts';
import { problemsInRouting } from './routing/routing-problems.ts';
import { problemsInSemanticCache } from './semantic/semantic-problems.ts';
import type { Billing } from './stripe-event.ts';
import type { Tier } from './terms.ts';

/** What a model can read. Text always; the others as parts of a message. */
export type InputKind = 'text' | 'image' | 'audio' | 'file';

/** A model the gateway offers. Its id is `<provider>/<name>`. What is left out has the default that its comment names. */
export interface Model {
  provider: string;
  /** What the provider calls it. */
  upstreamName: string;
  /** Tokens of input and output together. */
  contextWindowTokens: number;
  /** The most tokens one answer can have. Unlimited when left out. */
  maxOutputTokens?: number;
  /** What is asked for when the caller sets no limit, for wires whose providers insist on one. */
  defaultMaxOutputTokens?: number;
  /** Only text when left out. */
  inputs?: readonly InputKind[];
  /** It calls functions. True when left out. */
  tools?: boolean;
  /** It keeps to a JSON schema (`response_format: {type: 'json_schema'}`). True when left out. */
  jsonSchema?: boolean;
  /**
   * The `reasoning_effort` without which it refuses tools on this path; sent with tools unless the caller names another.
   */
  reasoningEffortWithTools?: 'none';
  /** It searches the web by itself, so that its answers are never kept. */
  searches?: boolean;
  /** Where it differs from the retry policy of all models. */
  retry?: Partial<RetryPolicy>;
  price: Price;
}

/** A provider the gateway can call. The host is fixed here; no request can change it. */
export interface Provider {
  /** The format it speaks. */
  wire: 'openai' | 'anthropic';
  /** With the version, without a slash at the end: `https://api.openai.com/v1`. */
  baseUrl: string;
  /** The provider's field for the most tokens of an answer. */
  maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** The provider takes `stream_options.include_usage`. Those that do not report usage in a stream unasked. */
  takesStreamOptions: boolean;
  /** Calls need a key. False for a team's own servers. */
  needsKey: boolean;
  /** The header that carries the key, for those that do not take it as a bearer token in `authorization`. */
  keyHeader?: 'api-key' | 'x-api-key';
  /** Without a key, calls are signed with the function's own AWS credentials for this service. */
  awsService?: 'bedrock';
  /** Where it computes, if it says so: `eu`, `us`. For requests that insist on a region. */
  region?: string;
}

/** The times that end a request. All in milliseconds. */
export interface Deadlines {
  /** From the request's arrival to the end of its answer, when the caller does not say. */
  defaultMs: number;
  /** The most a caller may ask for. Below 300 s, at which API Gateway drops a silent stream. */
  maximumMs: number;
  /** From sending a request to a provider to its first content. */
  firstContentMs: number;
  /** Between two pieces of a stream. */
  betweenChunksMs: number;
}

/** Sizes above which the gateway refuses a request or gives up on an answer. All in bytes. */
export interface SizeLimits {
  requestBytes: number;
  answerBytes: number;
  streamBytes: number;
  streamEventBytes: number;
}

/** What happens while the store does not answer. */
export interface WithoutStore {
  rateLimits: 'closed' | { requestsPerMinute: number };
}

/** How long things are kept that nobody removes. */
export interface Retention {
  /** Usage events and their sums. What is older is shown to nobody. */
  usageDays: number;
}

export interface Configuration extends RoutingParts {
  models: Readonly<Record<string, Model>>;
  aliases: Readonly<Record<string, string>>;
  defaultModel: string;
  /** For each model, those that may answer in its place, in order. A list is followed as it is: theirs are not added. */
  chains: Readonly<Record<string, readonly string[]>>;
  providers: Readonly<Record<string, Provider>>;
  deadlines: Deadlines;
  sizeLimits: SizeLimits;
  tiers: Readonly<Record<string, Tier>>;
  /** The tier of an account that is created without one. */
  defaultTier: string;
  penalties: Penalties;
  budgetRules: BudgetRules;
  withoutStore: WithoutStore;
  retention: Retention;
  /** For every model that says nothing else. */
  retry: RetryPolicy;
  circuit: CircuitPolicy;
  caching: Caching;
  deduplication: Deduplication;
  billing: Billing;
  priceCatalogueVersion: string;
}

/** True when nothing but a key opens the provider. */
export function wantsKey({ needsKey, awsService }: Provider): boolean {
  return needsKey && awsService === undefined;
}

/** What an operator's own module may export: any part of a configuration, laid over ours entry by entry. */
export type ConfigurationOverrides = {
  [Part in keyof Configuration]?: Part extends 'caching'
    ? Partial<Omit<Caching, 'semantic'>> & { semantic?: Partial<Caching['semantic']> }
    : Configuration[Part] extends string
      ? string
      : Partial<Configuration[Part]>;
};

/** Records within a part, laid over ours entry by entry as a part is. */
const INNER: Readonly<Record<string, readonly string[]>> = { routing: ['policies', 'aliases'], caching: ['semantic'] };

/**
 * The base with the overrides laid over it, part by part and entry by entry: an entry, such as a model or a policy, replaces its
 * namesake whole.
 */
export function mergeConfiguration(base: Configuration, overrides: ConfigurationOverrides): Configuration {
  const merged: Record<string, unknown> = { ...base };
  for (const [part, value] of Object.entries(overrides as Record<string, unknown>)) {
    if (value === undefined) continue;
    const known = merged[part];
    if (!isJsonObject(known) || !isJsonObject(value)) {
      merged[part] = value;
      continue;
    }
    const inner = (INNER[part] ?? []).filter((name) => isJsonObject(value[name]));
    const laidOver = inner.map((name) => [name, { ...(known[name] as object), ...(value[name] as object) }]);
    merged[part] = { ...known, ...value, ...Object.fromEntries(laidOver) };
  }
  return merged as unknown as Configuration;
}

/**
 * The overrides that a module exports: as `configuration`, as its default, or part by part (`export const models = …`).
 * Throws for a part that no configuration has.
 */
export function overridesIn(exported: Readonly<Record<string, unknown>>, base: Configuration): ConfigurationOverrides {
  const overrides = exported.configuration ?? exported.default ?? { ...exported };
  if (typeof overrides !== 'object' || overrides === null) throw new Error('HEADGATE_CONFIG exports no configuration.');
  const unknown = Object.keys(overrides).filter((part) => !Object.hasOwn(base, part));
  if (unknown.length === 0) return overrides;
  const known = Object.keys(base).join(', ');
  throw new Error(
    `HEADGATE_CONFIG exports ${unknown.join(', ')}, which is no part of a configuration. Those are ${known}.`,
  );
}

/** Every reason why this configuration cannot run, as sentences; an empty list when it can. */
export function problemsIn(configuration: Configuration): string[] {
  return [
    ...problemsInModels(configuration),
    ...problemsInNames(configuration),
    ...problemsInChains(configuration),
    ...problemsInTiers(configuration),
    ...problemsInProviders(configuration),
    ...problemsInPlaceholders(configuration),
    ...problemsInNumbers(configuration),
    ...problemsInRouting(configuration),
    ...problemsInSemanticCache(configuration),
  ];
}

function* problemsInNames({ models, aliases, defaultModel }: Configuration): Generator<string> {
  for (const [alias, id] of Object.entries(aliases)) {
    if (!Object.hasOwn(models, id)) yield `Alias ${alias} points at ${id}, which is not in models.`;
    if (alias === 'auto') yield 'Alias auto is taken: it leaves the choice to the gateway.';
    if (Object.hasOwn(models, alias)) yield `Alias ${alias} has the name of a model.`;
  }
  if (!Object.hasOwn(models, defaultModel)) yield `defaultModel is ${defaultModel}, which is not in models.`;
}

function* problemsInTiers({ tiers, defaultTier, models, billing }: Configuration): Generator<string> {
  for (const [price, tier] of Object.entries(billing.stripe?.tierByPrice ?? {})) {
    if (!Object.hasOwn(tiers, tier)) yield `Price ${price} is for the tier ${tier}, which is not in tiers.`;
  }
  if (!Object.hasOwn(tiers, defaultTier)) yield `defaultTier is ${defaultTier}, which is not in tiers.`;
  for (const [name, tier] of Object.entries(tiers)) {
    for (const id of Object.keys(tier.modelRequestsPerMinute ?? {})) {
      if (!Object.hasOwn(models, id)) yield `Tier ${name} limits ${id}, which is not in models.`;
    }
  }
}

const WIRES = ['openai', 'anthropic'];
const KEY_HEADERS = ['api-key', 'x-api-key'];

/** What stands in a host until an operator has put a name of their own there. */
const PLACEHOLDER = 'YOUR-';

/** A host with a placeholder is never called: no model may be at such a provider. */
function* problemsInPlaceholders({ providers, models }: Configuration): Generator<string> {
  const inUse = new Set(Object.values(models).map((model) => model?.provider));
  for (const [id, provider] of Object.entries(providers)) {
    if (!inUse.has(id) || !String(provider?.baseUrl).includes(PLACEHOLDER)) continue;
    yield `Provider ${id} has models, but its baseUrl is still ${provider.baseUrl}. Write your own there.`;
  }
}

function* problemsInProviders({ providers }: Configuration): Generator<string> {
  for (const [id, provider] of Object.entries(providers)) {
    if (!isJsonObject(provider) || typeof provider.baseUrl !== 'string') {
      yield `Provider ${id} must be an object with a baseUrl.`;
      continue;
    }
    const { baseUrl, wire, maxTokensField, keyHeader } = provider as unknown as Provider;
    if (!/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/.test(baseUrl) || baseUrl.endsWith('/')) {
      yield `Provider ${id} needs a baseUrl such as https://host/v1, without a slash at the end.`;
    }
    if (!WIRES.includes(wire)) yield `Provider ${id} must have wire: ${WIRES.join(' or ')}.`;
    if (keyHeader !== undefined && !KEY_HEADERS.includes(keyHeader)) {
      yield `Provider ${id} must have keyHeader: ${KEY_HEADERS.join(' or ')}, or none for a bearer token.`;
    }
    if (maxTokensField !== 'max_tokens' && maxTokensField !== 'max_completion_tokens') {
      yield `Provider ${id} needs maxTokensField: 'max_tokens' or 'max_completion_tokens'.`;
    }
  }
}

const TIMES = ['defaultMs', 'maximumMs', 'firstContentMs', 'betweenChunksMs'];
const SIZES = ['requestBytes', 'answerBytes', 'streamBytes', 'streamEventBytes'];

/** API Gateway drops a response that is silent for 5 minutes. */
const LONGEST_MS = 290_000;

function* problemsInNumbers({ deadlines, sizeLimits, retention }: Configuration): Generator<string> {
  const { usageDays } = retention;
  if (!Number.isInteger(usageDays) || usageDays < 1 || usageDays > 3_650) {
    yield 'retention.usageDays must be a whole number from 1 to 3,650.';
  }
  for (const [name, value] of [...Object.entries(deadlines), ...Object.entries(sizeLimits)]) {
    if (![...TIMES, ...SIZES].includes(name)) yield `${name} is no deadline and no size limit.`;
    else if (!Number.isInteger(value) || value <= 0) yield `${name} must be a whole number above 0.`;
    else if (TIMES.includes(name) && value > LONGEST_MS) yield `${name} must be at most ${LONGEST_MS}.`;
  }
}
