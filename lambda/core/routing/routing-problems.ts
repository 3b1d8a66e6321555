import type { Configuration } from '../configuration.ts';
import { isJsonObject } from '../json-body.ts';
import { modelNamed } from '../model-name.ts';
import { AUTO, isFixed, type Policy } from './policy.ts';

const PREFERENCES = ['price', 'speed', 'quality'];
const POLICY_FIELDS = ['tolerance', 'prefer', 'model', 'split', 'shadow'];

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

function* problemsInPolicies({ routing: { policies, defaultPolicy }, models }: Configuration): Generator<string> {
  if (!Object.hasOwn(policies, defaultPolicy))
    yield `routing.defaultPolicy is ${defaultPolicy}, which is not in policies.`;
  for (const [name, policy] of Object.entries(policies)) {
    if (isJsonObject(policy)) yield* problemsInPolicy(name, policy, models);
    else yield `Policy ${name} must be an object.`;
  }
}

function* problemsInPolicy(name: string, policy: Policy, models: Configuration['models']): Generator<string> {
  const unknown = Object.keys(policy).filter((field) => !POLICY_FIELDS.includes(field));
  if (unknown.length > 0) yield `Policy ${name} has ${unknown.join(', ')}; it may have ${POLICY_FIELDS.join(', ')}.`;
  if (isFixed(policy)) yield* problemsInFixed(name, policy, models);
  else {
    const { tolerance, prefer } = policy;
    if (!(tolerance >= 0 && tolerance <= 1)) yield `Policy ${name} needs a tolerance from 0 to 1, or a model.`;
    if (!PREFERENCES.includes(prefer)) yield `Policy ${name} must prefer ${PREFERENCES.join(', ')}, or have a model.`;
  }
  yield* problemsInTrials(name, policy, models);
}

function* problemsInFixed(
  name: string,
  { model, ...others }: Policy & { model: string },
  models: Configuration['models'],
): Generator<string> {
  if (!Object.hasOwn(models, model)) yield `Policy ${name} has the model ${model}, which is not in models.`;
  if ('tolerance' in others || 'prefer' in others) {
    yield `Policy ${name} has one model, so it can have no tolerance and prefer nothing.`;
  }
}

function* problemsInTrials(name: string, policy: Policy, models: Configuration['models']): Generator<string> {
  for (const trial of ['split', 'shadow'] as const) {
    const { model, percent } = policy[trial] ?? {};
    if (policy[trial] === undefined) continue;
    if (model === undefined || !Object.hasOwn(models, model)) {
      yield `The ${trial} of policy ${name} has the model ${model}, which is not in models.`;
    }
    if (isFixed(policy) && model === policy.model) yield `The ${trial} of policy ${name} has the policy's own model.`;
    if (!(typeof percent === 'number' && percent >= 0 && percent <= 100)) {
      yield `The ${trial} of policy ${name} needs a percent from 0 to 100.`;
    }
  }
}

function* problemsInRoutingAliases({ routing, models, aliases }: Configuration): Generator<string> {
  for (const [alias, policy] of Object.entries(routing.aliases)) {
    if (!Object.hasOwn(routing.policies, policy)) {
      yield `Routing alias ${alias} stands for ${policy}, which is not in policies.`;
    }
    if (alias === AUTO || alias === '') yield `Routing alias "${alias}" is no name that can be given.`;
    const named = modelNamed(alias, models) ?? aliases[alias];
    const meant = routing.policies[policy];
    // A name that applications use already may mean its own model still, and a share of another.
    if (named === undefined || (meant && isFixed(meant) && meant.model === named)) continue;
    yield `Routing alias ${alias} names ${named}, too: its policy must have that model.`;
  }
}
