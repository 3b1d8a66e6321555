import * as operator from '#operator-configuration';
import { type Configuration, type Model, mergeConfiguration, overridesIn } from '../lambda/core/configuration.ts';
import type { Price } from '../lambda/core/price.ts';
import { billing } from './billing.ts';
import { budgetRules } from './budgets.ts';
import { caching } from './caching.ts';
import { chains } from './chains.ts';
import { deadlines } from './deadlines.ts';
import { deduplication } from './deduplication.ts';
import type { ModelEntry } from './models/model-entry.ts';
import { aliases, defaultModel, type ModelId, models } from './models.ts';
import { penalties } from './penalties.ts';
import { catalogue } from './prices.ts';
import { providers } from './providers.ts';
import { qualities } from './qualities.ts';
import { retention } from './retention.ts';
import { circuit, retry } from './retry.ts';
import { routing } from './routing.ts';
import { serviceTiers } from './service-tiers.ts';
import { sizeLimits } from './size-limits.ts';
import { defaultTier, tiers } from './tiers.ts';
import { topics } from './topics.ts';
import { withoutStore } from './without-store.ts';

/** A model without any price stays unpriced here, and is refused when the gateway starts or is deployed. */
function priced(): Record<string, Model> {
  const entries = Object.entries(models) as [ModelId, ModelEntry][];
  return Object.fromEntries(entries.map(([id, entry]) => [id, { ...entry, price: priceOf(id, entry) } as Model]));
}

function priceOf(id: ModelId, entry: ModelEntry): Price | undefined {
  const price = entry.price ?? catalogue.prices[id];
  const ofProvider = serviceTiers[entry.provider];
  return price && ofProvider ? { serviceTiers: ofProvider, ...price } : price;
}

const own: Configuration = {
  models: priced(),
  aliases,
  defaultModel,
  chains,
  providers,
  deadlines,
  sizeLimits,
  tiers,
  defaultTier,
  penalties,
  budgetRules,
  withoutStore,
  retention,
  retry,
  circuit,
  caching,
  deduplication,
  billing,
  routing,
  qualities,
  topics,
  priceCatalogueVersion: catalogue.version,
};

/** The whole configuration, as the handlers and the deployment read it: ours, with the operator's laid over it. */
export const configuration: Configuration = mergeConfiguration(own, overridesIn(operator, own));
