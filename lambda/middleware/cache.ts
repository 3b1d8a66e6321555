import type { MiddlewareObj } from '@middy/core';
import type { Call, CallContext } from '../call.ts';
import { isYoungEnough } from '../core/chat-request.ts';
import type { HttpResponse } from '../http.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Clock, Observer } from '../ports.ts';

interface CachePorts {
  responseCache: ResponseCache;
  clock: Clock;
  observer: Observer;
}

/** The two halves of a look into the response cache: it is begun beside the limits, and used after them. */
interface CacheStage {
  /** Begins to look whether the same has been answered in this scope before, and decides whether this answer may be kept. */
  begin(call: Call): void;
  use: MiddlewareObj<unknown, HttpResponse, Error, CallContext>;
}

/** For so long nothing is asked of a store that has failed: each try may cost a request its whole timeout. */
const REST_MS = 5_000;

/**
 * The response cache. Runs after the plan, so a key that may not use a model never gets its kept answer, and is used once the
 * limits have let the request through. Without the store there is no cache.
 */
export function cache({ responseCache, clock, observer }: CachePorts): CacheStage {
  let restsUntilMs = 0;
  return {
    begin(call) {
      const { identity, chat } = call;
      if (!identity?.decision || clock() < restsUntilMs) return;
      const { isKept } = identity.decision;
      const { mayRead = true, mayKeep = true } = chat?.request.options.cache ?? {};
      const use: Call['cache'] = { mayKeep: isKept && mayKeep };
      call.cache = use;
      // What is never kept is not looked for either.
      if (!isKept || !mayRead) return;
      use.finding = responseCache.find(identity.scope, identity.fingerprint).catch((cause) => {
        observer.storeFailed(cause);
        restsUntilMs = clock() + REST_MS;
        use.mayKeep = false;
        return undefined;
      });
    },

    use: {
      async before({ context: { call } }) {
        const hit = await call.cache?.finding;
        if (!hit || !call.plan) return;
        if (!isYoungEnough(hit, call.chat?.request.options.cache, clock())) return;
        call.reused = {
          how: 'exact',
          modelId: call.plan.asked,
          answer: hit,
          savedMicroDollars: hit.costMicroDollars,
        };
      },
    },
  };
}
