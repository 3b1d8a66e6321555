import type { MiddlewareObj } from '@middy/core';
import type { CallContext } from '../call.ts';
import { planChain } from '../core/chain.ts';
import type { Configuration } from '../core/configuration.ts';
import { GatewayError } from '../core/errors.ts';
import { mayUse } from '../core/terms.ts';
import type { HttpResponse } from '../http.ts';

/**
 * Decides which models are tried, in which order. A request for a model that is not there, or not the caller's, is refused
 * only after it has counted for the limits a minute (`rateLimit`): nobody may ask for nothing without end.
 */
export function planModels({
  configuration,
}: {
  configuration: Configuration;
}): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  return {
    before({ context: { call } }) {
      const { caller, chat } = call;
      if (!caller || !chat) throw new Error('authenticate and parseChat must run before planModels');
      try {
        call.plan = planChain(chat.request, configuration, (modelId) => mayUse(caller.terms, modelId));
      } catch (refusal) {
        if (!(refusal instanceof GatewayError)) throw refusal;
        call.refusal = refusal;
      }
    },
  };
}
