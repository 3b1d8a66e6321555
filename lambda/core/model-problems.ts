import type { Configuration, Model } from './configuration.ts';
import { isJsonObject } from './json-body.ts';
import type { Price } from './price.ts';

/** Every reason why the models of this configuration cannot be offered. */
export function* problemsInModels({ models, providers }: Configuration): Generator<string> {
  for (const [id, model] of Object.entries(models)) {
    if (!isJsonObject(model)) {
      yield `Model ${id} must be an object.`;
      continue;
    }
    if (!Object.hasOwn(providers, model.provider)) {
      yield `Model ${id} names the provider "${model.provider}", which is not in providers.`;
    }
    if (!id.startsWith(`${model.provider}/`) || !/^[\x21-\x7e]+$/.test(id)) {
      yield `Model ${id} must be named "${model.provider}/<name>", in ASCII without spaces.`;
    }
    if (typeof model.upstreamName !== 'string' || model.upstreamName === '') yield `Model ${id} needs an upstreamName.`;
    if (!(model.contextWindowTokens > 0)) yield `Model ${id} needs contextWindowTokens.`;
    yield* problemsInAbilities(id, model);
    yield* problemsInRetry(id, model);
    if (!isPriced(model.price)) {
      yield `Model ${id} has no price. Run "npm run fix" to take it from the catalogue, or write one.`;
    }
  }
}

const INPUT_KINDS = ['text', 'image', 'audio', 'file'];
const RETRY_FIELDS = ['attempts', 'firstBackoffMs', 'maximumBackoffMs', 'timeoutMs'];

function* problemsInAbilities(id: string, model: Model): Generator<string> {
  const { maxOutputTokens, defaultMaxOutputTokens, inputs, tools, jsonSchema, reasoningEffortWithTools } = model;
  for (const [field, value] of Object.entries({ maxOutputTokens, defaultMaxOutputTokens })) {
    if (value !== undefined && !isPositive(value)) yield `Model ${id} needs a whole number above 0 as ${field}.`;
  }
  if (Number(defaultMaxOutputTokens) > Number(maxOutputTokens)) {
    yield `Model ${id} asks for more by defaultMaxOutputTokens than its maxOutputTokens.`;
  }
  if (inputs !== undefined && !isInputs(inputs)) {
    yield `Model ${id} needs as inputs a list of ${INPUT_KINDS.join(', ')}, with text in it.`;
  }
  for (const [field, value] of Object.entries({ tools, jsonSchema })) {
    if (value !== undefined && typeof value !== 'boolean') yield `Model ${id} needs true or false as ${field}.`;
  }
  if (reasoningEffortWithTools !== undefined && reasoningEffortWithTools !== 'none') {
    yield `Model ${id} needs 'none' as reasoningEffortWithTools, or nothing.`;
  }
}

function* problemsInRetry(id: string, { retry = {} }: Model): Generator<string> {
  for (const [field, value] of Object.entries(retry)) {
    if (!RETRY_FIELDS.includes(field)) yield `Model ${id} has retry.${field}; there are ${RETRY_FIELDS.join(', ')}.`;
    else if (!isPositive(value)) yield `Model ${id} needs a whole number above 0 as retry.${field}.`;
  }
}

function isPositive(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}

function isInputs(inputs: unknown): boolean {
  return Array.isArray(inputs) && inputs.includes('text') && inputs.every((kind) => INPUT_KINDS.includes(kind));
}

/** Every reason why a model's list of fallbacks cannot be followed. */
export function* problemsInChains({ chains, models }: Configuration): Generator<string> {
  for (const [id, chain] of Object.entries(chains)) {
    if (!Object.hasOwn(models, id)) yield `The chain of ${id} is of no use: it is not in models.`;
    if (Array.isArray(chain)) yield* problemsInChain(id, chain, models);
    else yield `The chain of ${id} must be a list of models.`;
  }
}

function* problemsInChain(id: string, chain: readonly string[], models: Configuration['models']): Generator<string> {
  for (const [index, fallback] of chain.entries()) {
    if (!Object.hasOwn(models, fallback)) yield `The chain of ${id} names ${fallback}, which is not in models.`;
    if (fallback === id) yield `The chain of ${id} names the model itself.`;
    if (chain.indexOf(fallback) < index) yield `The chain of ${id} names ${fallback} twice.`;
  }
}

/** Every price there is, in every tier, is a number of dollars, and every service tier's factor a number. */
function isPriced(price: Price | undefined): boolean {
  if (!isJsonObject(price)) return false;
  const { tiers = [], serviceTiers = {}, ...rates } = price as unknown as Price;
  if (!Object.values(serviceTiers).every((factor) => Number.isFinite(factor) && factor >= 0)) return false;
  return [rates, ...tiers].every(
    (rate) =>
      Number.isFinite(rate.inputPerMillion) &&
      Number.isFinite(rate.outputPerMillion) &&
      Object.values(rate).every((value) => Number.isFinite(value) && value >= 0),
  );
}
