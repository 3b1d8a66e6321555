import type { ChatRequest } from './chat-request.ts';
import type { Configuration, Model } from './configuration.ts';
import { GatewayError } from './errors.ts';
import { modelNamed } from './model-name.ts';
import { isWithinPrice } from './price.ts';
import { lackOf, needsOf } from './request-needs.ts';
import { backoffMs, type RetryPolicy } from './retry.ts';
import { AUTO } from './routing/policy.ts';

/** One call of a plan. */
export interface Step {
  modelId: string;
  model: Model;
  /** How long to wait after the step before it failed, when this one repeats it; 0 for a model's first call. */
  waitMs: number;
  /** The longest the call may take. */
  timeoutMs: number;
}

/** Why a model of the chain is not in the plan. */
export interface Skip {
  modelId: string;
  reason:
    | 'not_allowed'
    | 'price_ceiling'
    | 'no_key'
    | 'circuit_open'
    | `lacks_${'input' | 'tools' | 'json_schema' | 'context'}`;
}

/** Why the first model was taken, and others were not; `/v2/chat` shows it as `route`. */
export interface Route {
  requested: string | null;
  model: string;
  reason: 'requested' | 'alias' | 'default' | 'routed' | 'within the price ceiling' | 'fallback' | 'kept from before';
  /** The models of the chain that were left out, when there were any. */
  skipped?: readonly Skip[];
}

export interface Plan {
  steps: [Step, ...Step[]];
  /** The model that was asked for, by its id; of a request that leaves the choice to the gateway, the one chosen. */
  asked: string;
  route: Route;
}

/** What a plan is made from beside the request and the configuration. */
export interface Planning {
  mayUse(modelId: string): boolean;
  /** The model does not answer at present, and it is not time to look whether it does again. */
  isDown(modelId: string): boolean;
  /** The provider can be called: it needs no key, or has one. */
  hasKey(providerId: string): boolean;
  /** The model that answered this conversation before. */
  previousModel: string | undefined;
  /** The model that was chosen for a request that leaves the choice to the gateway, and what follows its chain. */
  chosen?: { modelId: string; fallbacks: readonly string[] } | undefined;
  /** A number from 0 to 1, a new one each time. */
  random(): number;
}

/** A provider whose circuits are all open is asked again about this soon. */
const RETRY_AFTER_SECONDS = 5;

/**
 * The calls to make for this request, in order: the model asked for, as often as its retry policy says, then its
 * fallbacks in the same way. Fallbacks are the caller's own or those of the configuration. Left out, each with the reason:
 * models that the caller may not use, that are above the caller's price ceiling, that lack what the request needs, or
 * that are down. Throws `model_not_found` for a name that is no model, `model_not_allowed` when the one asked for is not
 * the caller's, `price_ceiling` when nothing is left for that reason, `provider_overloaded` when all are down.
 */
export function planChain(request: ChatRequest, configuration: Configuration, planning: Planning): Plan {
  const requested = request.model ?? null;
  const asked = requested ?? AUTO;
  const first = planning.chosen?.modelId ?? resolveModel(asked, configuration, 'model');
  if (!planning.mayUse(first)) {
    const message = 'This key may not use the requested model. GET /v1/models lists those it may.';
    throw new GatewayError('model_not_allowed', message, { param: 'model' });
  }
  const chain = [...new Set([first, ...fallbacksFor(first, request, configuration, planning)])];
  const { taken, skipped } = sortOut(chain, request, configuration, planning);
  const [modelId, ...fallbacks] = preferred(taken, planning.previousModel);
  if (modelId === undefined) throw nothingLeft(skipped);
  const steps = (id: string) => stepsFor(id, configuration, planning.random);
  const [step, ...retries] = steps(modelId);
  const reason = modelId === planning.previousModel && modelId !== first ? 'kept from before' : undefined;
  return {
    steps: [step, ...retries, ...fallbacks.flatMap(steps)],
    asked: first,
    route: {
      requested,
      model: modelId,
      reason: reason ?? reasonFor(asked, first, modelId, skipped, planning),
      ...(skipped.length > 0 ? { skipped } : {}),
    },
  };
}

/** The caller's fallbacks; without any, those of the configuration. */
function fallbacksFor(
  first: string,
  { options }: ChatRequest,
  configuration: Configuration,
  { chosen }: Planning,
): readonly string[] {
  if (options.fallbacks) return options.fallbacks.map((name) => resolveModel(name, configuration, 'fallbacks'));
  return [...(configuration.chains[first] ?? []), ...(chosen?.fallbacks ?? [])];
}

function sortOut(
  chain: readonly string[],
  request: ChatRequest,
  { models }: Configuration,
  { mayUse, isDown, hasKey }: Planning,
): { taken: string[]; skipped: Skip[] } {
  const needs = needsOf(request);
  const ceiling = request.options.maxCostPer1MTokens;
  const reasonToSkip = (id: string): Skip['reason'] | undefined => {
    const model = models[id] as Model;
    if (!mayUse(id)) return 'not_allowed';
    if (ceiling !== undefined && !isWithinPrice(ceiling, model.price)) return 'price_ceiling';
    const lack = lackOf(model, needs);
    if (lack !== undefined) return `lacks_${lack}`;
    // A model that was asked for is called all the same, and its operator told.
    if (id !== chain[0] && !hasKey(model.provider)) return 'no_key';
    return isDown(id) ? 'circuit_open' : undefined;
  };
  const skipped = chain.flatMap((modelId) => {
    const reason = reasonToSkip(modelId);
    return reason === undefined ? [] : [{ modelId, reason }];
  });
  const taken = chain.filter((id) => !skipped.some(({ modelId }) => modelId === id));
  // What we know about models may be out of date: when nobody fits, the one asked for is the judge.
  const first = skipped[0];
  if (taken.length === 0 && first !== undefined && first.modelId === chain[0] && first.reason.startsWith('lacks_')) {
    return { taken: [first.modelId], skipped: skipped.slice(1) };
  }
  return { taken, skipped };
}

/** A conversation stays with its model, whose provider has it in its prompt cache. */
function preferred(taken: string[], previousModel: string | undefined): string[] {
  if (previousModel === undefined || !taken.includes(previousModel)) return taken;
  return [previousModel, ...taken.filter((id) => id !== previousModel)];
}

function stepsFor(modelId: string, { models, retry }: Configuration, random: () => number): [Step, ...Step[]] {
  const model = models[modelId] as Model;
  const policy: RetryPolicy = { ...retry, ...model.retry };
  const { timeoutMs } = policy;
  const retries = Array.from({ length: policy.attempts - 1 }, (_, index) => ({
    modelId,
    model,
    waitMs: backoffMs(index + 1, policy, random()),
    timeoutMs,
  }));
  return [{ modelId, model, waitMs: 0, timeoutMs }, ...retries];
}

function nothingLeft(skipped: readonly Skip[]): GatewayError {
  if (skipped.some(({ reason }) => reason === 'circuit_open')) {
    const message =
      'The requested model does not answer at present, nor does a fallback. Try again, or name fallbacks.';
    return new GatewayError('provider_overloaded', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
  return new GatewayError(
    'price_ceiling',
    'None of the requested models is within "maxCostPer1MTokens". Raise it, or name a cheaper model or fallback.',
    { param: 'maxCostPer1MTokens' },
  );
}

/** The id behind a name: an id itself, an alias, or a provider's own name for exactly one of our models. */
function resolveModel(name: string, configuration: Configuration, param: string): string {
  const { models, aliases, defaultModel } = configuration;
  if (name === AUTO) return defaultModel;
  if (Object.hasOwn(aliases, name)) return aliases[name] as string;
  const modelId = modelNamed(name, models);
  if (modelId !== undefined) return modelId;
  throw new GatewayError('model_not_found', `"${param}" names no model of this gateway. GET /v1/models lists them.`, {
    param,
  });
}

function reasonFor(
  asked: string,
  first: string,
  taken: string,
  skipped: readonly Skip[],
  { chosen }: Planning,
): Route['reason'] {
  if (taken !== first) {
    return skipped[0]?.reason === 'price_ceiling' ? 'within the price ceiling' : 'fallback';
  }
  if (chosen !== undefined) return 'routed';
  if (asked === AUTO) return 'default';
  return asked === taken ? 'requested' : 'alias';
}
