import { GatewayError } from '../errors.ts';
import type { NotTaken } from './choose-model.ts';

/** When a model that is down is worth another look. */
const RETRY_AFTER_SECONDS = 5;

/** The error for a request that no model fits: what would help soonest decides. */
export function nothingFits(unfit: readonly NotTaken[]): GatewayError {
  const has = (reason: NotTaken['reason']) => unfit.some((not) => not.reason === reason);
  if (has('circuit_open')) {
    const message = 'No model that fits answers at present. Try again.';
    return new GatewayError('provider_overloaded', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
  if (has('budget'))
    return new GatewayError('budget_exhausted', 'What is left of the budget is too little for any model.');
  if (has('price_ceiling')) {
    const message = 'No model that fits is within "maxCostPer1MTokens". Raise it, or name a model.';
    return new GatewayError('price_ceiling', message, { param: 'maxCostPer1MTokens' });
  }
  if (unfit.length > 0 && unfit.every(({ reason }) => reason === 'not_allowed' || reason === 'not_configured')) {
    const message = 'This key may use none of the models that auto chooses from. GET /v1/models lists those it may.';
    return new GatewayError('model_not_allowed', message, { param: 'model' });
  }
  return new GatewayError('invalid_request', 'No model has all that the request needs. Name a model, or need less.', {
    param: 'needs',
  });
}
