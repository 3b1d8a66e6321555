import type { MiddlewareObj } from '@middy/core';
import type { Call, CallContext } from '../call.ts';
import { cacheDecision } from '../core/cache-policy.ts';
import type { CacheWish } from '../core/chat-request.ts';
import type { Configuration } from '../core/configuration.ts';
import { type CacheScope, fingerprint } from '../core/fingerprint.ts';
import type { HttpResponse } from '../http.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Clock, Observer } from '../ports.ts';

interface CachePorts {
  responseCache: ResponseCache;
  configuration: Configuration;
  clock: Clock;
  observer: Observer;
}

/**
 * Looks whether the same has been answered in this scope before, and decides whether this answer may be kept. Runs after
 * the plan, so a key that may not use a model never gets its kept answer, and after the limits. Without the store there is
 * no cache.
 */
export function cache(ports: CachePorts): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  const { responseCache, configuration, clock, observer } = ports;
  let restsUntilMs = 0;
  return {
    async before({ context: { call } }) {
      const wish = call.chat?.request.options.cache ?? ANYTHING;
      if (!configuration.caching.isOn || (!wish.mayRead && !wish.mayKeep) || clock() < restsUntilMs) return;
      const use = useOf(call, configuration, wish);
      if (!use) return;
      call.cache = use;
      // What is never kept is not looked for either.
      if (!wish.mayRead || !use.decision.isKept) return;
      const hit = await responseCache.find(use.scope, use.fingerprint).catch((cause) => {
        observer.storeFailed(cause);
        restsUntilMs = clock() + REST_MS;
        use.mayKeep = false;
        return undefined;
      });
      const oldestMs = clock() - (wish.maximumAgeSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
      if (hit && hit.storedAtMs >= oldestMs) use.hit = hit;
    },
  };
}

/** For so long nothing is asked of a store that has failed: each try may cost a request its whole timeout. */
const REST_MS = 5_000;

const ANYTHING: CacheWish = { mayRead: true, mayKeep: true };

/** A caller may have an answer kept for a day; longer only a rule may. */
const LONGEST_WISH_SECONDS = 86_400;

/** What the cache has to do with a request; undefined when it has no scope to share an answer in. */
function useOf(call: Call, { caching, models }: Configuration, { ttlSeconds, mayKeep }: CacheWish): Call['cache'] {
  const { caller, chat, plan } = call;
  if (!caller || !chat || !plan) throw new Error('planModels must run before cache');
  const tags = [...caller.terms.tags, ...(chat.request.options.tags ?? [])];
  const asked = { id: plan.asked, searches: models[plan.asked]?.searches };
  const decision = cacheDecision(chat.request, asked, tags, caching);
  if (decision.isKept && ttlSeconds !== undefined) {
    // One account does not decide how long others get what all share.
    const longest = decision.sharedAs === undefined ? LONGEST_WISH_SECONDS : decision.ttlSeconds;
    decision.ttlSeconds = Math.min(ttlSeconds, longest);
  }
  const scope = scopeOf(call, caching.scope, decision.isKept ? decision.sharedAs : undefined);
  if (!scope) return undefined;
  const { isKept } = decision;
  return {
    scope,
    fingerprint: fingerprint(scope, plan.asked, chat.request),
    decision,
    mayKeep: isKept && mayKeep,
    tags,
  };
}

/** The scope of a request; undefined when it names no end user and answers are the end users'. */
function scopeOf(
  { caller, chat }: Call,
  kind: Configuration['caching']['scope'],
  group: string | undefined,
): CacheScope | undefined {
  if (!caller) return undefined;
  if (group !== undefined) return { kind: 'shared', group };
  const { account, keyId } = caller;
  if (kind === 'account') return { kind, account };
  if (kind === 'key') return { kind, account, keyId };
  const user = chat?.request.options.user;
  return user === undefined ? undefined : { kind, account, user };
}
