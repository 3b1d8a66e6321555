import type { MiddlewareObj } from '@middy/core';
import type { CallContext } from '../call.ts';
import { planChain } from '../core/chain.ts';
import type { Configuration } from '../core/configuration.ts';
import { mayUse } from '../core/terms.ts';
import type { HttpResponse } from '../http.ts';

/** Decides which models are tried, in which order, before anything is charged for them or looked up under their name. */
export function planModels({
  configuration,
}: {
  configuration: Configuration;
}): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  return {
    before({ context: { call } }) {
      const { caller, chat } = call;
      if (!caller || !chat) throw new Error('authenticate and parseChat must run before planModels');
      call.plan = planChain(chat.request, configuration, (modelId) => mayUse(caller.terms, modelId));
    },
  };
}
