import type { BudgetRules } from './budget.ts';
import type { Penalties } from './lock-out.ts';
import type { Price } from './price.ts';
import type { Tier } from './terms.ts';

/** A model the gateway offers. Its id is `<provider>/<name>`. */
export interface Model {
  provider: string;
  /** What the provider calls it. */
  upstreamName: string;
  contextWindowTokens: number;
  price: Price;
}

/** A provider the gateway can call over the OpenAI wire. The host is fixed here; no request can change it. */
export interface Provider {
  wire: 'openai';
  /** With the version, without a slash at the end: `https://api.openai.com/v1`. */
  baseUrl: string;
  /** The provider's field for the most tokens of an answer. */
  maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** The provider takes `stream_options.include_usage`. Those that do not report usage in a stream unasked. */
  takesStreamOptions: boolean;
  /** Calls need a key. False for a team's own servers. */
  needsKey: boolean;
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

export interface Configuration {
  models: Readonly<Record<string, Model>>;
  aliases: Readonly<Record<string, string>>;
  defaultModel: string;
  providers: Readonly<Record<string, Provider>>;
  deadlines: Deadlines;
  sizeLimits: SizeLimits;
  tiers: Readonly<Record<string, Tier>>;
  /** The tier of an account that is created without one. */
  defaultTier: string;
  penalties: Penalties;
  budgetRules: BudgetRules;
  priceCatalogueVersion: string;
}

/** What an operator's own module may export: any part of a configuration, laid over ours entry by entry. */
export type ConfigurationOverrides = {
  [Part in keyof Configuration]?: Configuration[Part] extends string ? string : Partial<Configuration[Part]>;
};

/** The base with the overrides laid over it; records are merged one level deep, so an entry replaces its namesake whole. */
export function mergeConfiguration(base: Configuration, overrides: ConfigurationOverrides): Configuration {
  const merged: Record<string, unknown> = { ...base };
  for (const [part, value] of Object.entries(overrides)) {
    if (value === undefined) continue;
    const known = merged[part];
    merged[part] = typeof value === 'object' && typeof known === 'object' ? { ...known, ...value } : value;
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
    ...problemsInProviders(configuration),
    ...problemsInNumbers(configuration),
  ];
}

function* problemsInModels({ models, providers }: Configuration): Generator<string> {
  for (const [id, model] of Object.entries(models)) {
    if (!Object.hasOwn(providers, model.provider)) {
      yield `Model ${id} names the provider "${model.provider}", which is not in providers.`;
    }
    if (!id.startsWith(`${model.provider}/`)) yield `Model ${id} must be named "${model.provider}/<name>".`;
    if (!isPriced(model.price)) {
      yield `Model ${id} has no price. Run "npm run fix" to take it from the catalogue, or write one.`;
    }
  }
}

function* problemsInNames({ models, aliases, defaultModel, tiers, defaultTier }: Configuration): Generator<string> {
  for (const [alias, id] of Object.entries(aliases)) {
    if (!Object.hasOwn(models, id)) yield `Alias ${alias} points at ${id}, which is not in models.`;
    if (Object.hasOwn(models, alias)) yield `Alias ${alias} has the name of a model.`;
  }
  if (!Object.hasOwn(tiers, defaultTier)) yield `defaultTier is ${defaultTier}, which is not in tiers.`;
  for (const [name, tier] of Object.entries(tiers)) {
    for (const id of Object.keys(tier.modelRequestsPerMinute ?? {})) {
      if (!Object.hasOwn(models, id)) yield `Tier ${name} limits ${id}, which is not in models.`;
    }
  }
  if (!Object.hasOwn(models, defaultModel)) yield `defaultModel is ${defaultModel}, which is not in models.`;
}

function* problemsInProviders({ providers }: Configuration): Generator<string> {
  for (const [id, { baseUrl }] of Object.entries(providers)) {
    if (!/^https?:\/\/[^/?#]+(\/[^?#]*)?$/.test(baseUrl) || baseUrl.endsWith('/')) {
      yield `Provider ${id} needs a baseUrl such as https://host/v1, without a slash at the end.`;
    }
  }
}

function* problemsInNumbers({ deadlines, sizeLimits }: Configuration): Generator<string> {
  for (const [name, value] of [...Object.entries(deadlines), ...Object.entries(sizeLimits)]) {
    if (!Number.isInteger(value) || value <= 0) yield `${name} must be a whole number above 0.`;
  }
}

function isPriced(price: Price | undefined): boolean {
  return price !== undefined && price.inputPerMillion >= 0 && price.outputPerMillion >= 0;
}
