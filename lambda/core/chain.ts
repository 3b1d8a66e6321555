import type { ChatRequest } from './chat-request.ts';
import type { Configuration, Model } from './configuration.ts';
import { GatewayError } from './errors.ts';
import { isWithinPrice } from './price.ts';

/** One model to try. */
export interface Step {
  modelId: string;
  model: Model;
}

/** Why the first model was taken; `/v2/chat` shows it as `route`. */
export interface Route {
  requested: string | null;
  model: string;
  reason: 'requested' | 'alias' | 'default' | 'within the price ceiling';
}

export interface Plan {
  steps: [Step, ...Step[]];
  route: Route;
}

/** The name that leaves the choice of the model to the gateway. */
const AUTO = 'auto';

/**
 * The models to try for this request, in order: the one asked for, then the caller's fallbacks, without repeats and
 * without those above the caller's price ceiling and fallbacks the caller may not use. Throws `model_not_found` for a name
 * that is no model, `model_not_allowed` when the one asked for is not the caller's, `price_ceiling` when nothing is left.
 */
export function planChain(
  request: ChatRequest,
  configuration: Configuration,
  mayUse: (modelId: string) => boolean,
): Plan {
  const requested = request.model ?? null;
  const asked = requested ?? AUTO;
  const first = resolveModel(asked, configuration, 'model');
  if (!mayUse(first)) {
    const message = 'This key may not use the requested model. GET /v1/models lists those it may.';
    throw new GatewayError('model_not_allowed', message, { param: 'model' });
  }
  const wanted = [
    first,
    ...(request.options.fallbacks ?? []).map((name) => resolveModel(name, configuration, 'fallbacks')),
  ];
  const ceiling = request.options.maxCostPer1MTokens;
  const affordable = [...new Set(wanted)]
    .filter(mayUse)
    .map((modelId) => ({ modelId, model: configuration.models[modelId] as Model }))
    .filter(({ model }) => ceiling === undefined || isWithinPrice(ceiling, model.price));
  const [step, ...rest] = affordable;
  if (!step) {
    throw new GatewayError(
      'price_ceiling',
      'None of the requested models is within "maxCostPer1MTokens". Raise it, or name a cheaper model or fallback.',
      { param: 'maxCostPer1MTokens' },
    );
  }
  return { steps: [step, ...rest], route: { requested, model: step.modelId, reason: reasonFor(asked, first, step) } };
}

/** The id behind a name: an id itself, an alias, or a provider's own name for exactly one of our models. */
function resolveModel(name: string, configuration: Configuration, param: string): string {
  const { models, aliases, defaultModel } = configuration;
  if (name === AUTO) return defaultModel;
  if (Object.hasOwn(models, name)) return name;
  if (Object.hasOwn(aliases, name)) return aliases[name] as string;
  const namesakes = Object.keys(models).filter((id) => models[id]?.upstreamName === name);
  if (namesakes.length === 1) return namesakes[0] as string;
  throw new GatewayError('model_not_found', `"${param}" names no model of this gateway. GET /v1/models lists them.`, {
    param,
  });
}

function reasonFor(asked: string, first: string, step: Step): Route['reason'] {
  if (step.modelId !== first) return 'within the price ceiling';
  if (asked === AUTO) return 'default';
  return asked === step.modelId ? 'requested' : 'alias';
}
