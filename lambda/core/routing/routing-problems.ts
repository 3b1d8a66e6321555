import type { Configuration } from '../configuration.ts';

const PREFERENCES = ['price', 'speed', 'quality'];

/** Every reason why `auto` cannot choose by this configuration. */
export function* problemsInRouting(configuration: Configuration): Generator<string> {
  yield* problemsInPolicies(configuration);
  yield* problemsInRoutingAliases(configuration);
  for (const [id, { score }] of Object.entries(configuration.qualities)) {
    if (!(score >= 0 && score <= 100)) yield `The quality of ${id} needs a score from 0 to 100.`;
  }
  for (const [name, topic] of Object.entries(configuration.topics)) {
    if (!Array.isArray(topic.models) || typeof topic.words !== 'function') {
      yield `Topic ${name} needs a list of models, and words as a function.`;
    }
  }
}

function* problemsInPolicies({ routing: { policies, defaultPolicy } }: Configuration): Generator<string> {
  if (!Object.hasOwn(policies, defaultPolicy))
    yield `routing.defaultPolicy is ${defaultPolicy}, which is not in policies.`;
  for (const [name, { tolerance, prefer }] of Object.entries(policies)) {
    if (!(tolerance >= 0 && tolerance <= 1)) yield `Policy ${name} needs a tolerance from 0 to 1.`;
    if (!PREFERENCES.includes(prefer)) yield `Policy ${name} must prefer ${PREFERENCES.join(', ')}.`;
  }
}

function* problemsInRoutingAliases({ routing, models, aliases }: Configuration): Generator<string> {
  for (const [alias, policy] of Object.entries(routing.aliases)) {
    if (!Object.hasOwn(routing.policies, policy)) {
      yield `Routing alias ${alias} stands for ${policy}, which is not in policies.`;
    }
    if (Object.hasOwn(models, alias) || Object.hasOwn(aliases, alias))
      yield `Routing alias ${alias} names a model, too.`;
  }
}
