import type { PublishedQuality } from './quality.ts';
import type { Topic } from './topic.ts';

/** How a model is chosen among those that fit. */
export interface Policy {
  /** How much expected quality, of 1, may be given up against the best model that fits. */
  tolerance: number;
  /** What decides among those within the tolerance. */
  prefer: 'price' | 'speed' | 'quality';
}

/** How `auto` chooses. */
export interface Routing {
  policies: Readonly<Record<string, Policy>>;
  /** The policy of `auto`, and of a suggestion that names none. */
  defaultPolicy: string;
  /** Names that callers use as a model, and the policy each stands for. */
  aliases: Readonly<Record<string, string>>;
}

/** What routing needs of a configuration. */
export interface RoutingParts {
  routing: Routing;
  /** By model id. A model without an entry is never chosen by `auto`, but for a topic. */
  qualities: Readonly<Record<string, PublishedQuality>>;
  topics: Readonly<Record<string, Topic>>;
}

/** The name that leaves the choice of the model to the gateway, by its default policy. */
export const AUTO = 'auto';

/** The policy that a model's name stands for; undefined for one that names a model. */
export function policyOf(name: string | undefined, { aliases, defaultPolicy }: Routing): string | undefined {
  if (name === AUTO) return defaultPolicy;
  return name !== undefined && Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}
