import type { Configuration } from '../configuration.ts';
import { modelNamed } from '../model-name.ts';
import type { PublishedQuality } from './quality.ts';
import type { Topic } from './topic.ts';

/** How a model is chosen among those that fit. */
export interface Preference {
  /** How much expected quality, of 1, may be given up against the best model that fits. */
  tolerance: number;
  /** What decides among those within the tolerance. */
  prefer: 'price' | 'speed' | 'quality';
}

/** A model on trial, and for how many of a policy's requests, in percent. */
export interface Trial {
  model: string;
  percent: number;
}

interface Trials {
  /** The model that answers this share of the conversations in place of the one that would be taken. */
  split?: Trial;
  /** The model that is asked the same after this share of the answers. Nobody sees what it says; its cost counts. */
  shadow?: Trial;
}

/** One model for all requests: what an application had before its requests are split. */
interface Fixed {
  model: string;
}

/** What a name that stands for no model means: a choice among models, or one model; and what is tried beside it. */
export type Policy = (Preference | Fixed) & Trials;

/** True for a policy that takes one model. */
export function isFixed(policy: Policy): policy is Fixed & Trials {
  return 'model' in policy;
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

/**
 * The policy that a model's name stands for; undefined for one that names a model. An alias that is a model's id goes for the
 * provider's own name of it, too: applications use both.
 */
export function policyOf(
  name: string | undefined,
  { routing: { aliases, defaultPolicy }, models }: Pick<Configuration, 'models'> & { routing: Routing },
): string | undefined {
  if (name === undefined) return undefined;
  if (name === AUTO) return defaultPolicy;
  const alias = Object.hasOwn(aliases, name) ? name : modelNamed(name, models);
  return alias !== undefined && Object.hasOwn(aliases, alias) ? aliases[alias] : undefined;
}
