import type { MiddlewareObj } from '@middy/core';
import type { Call, CallContext } from '../call.ts';
import { cacheDecision } from '../core/cache-policy.ts';
import type { Configuration } from '../core/configuration.ts';
import { type CacheScope, fingerprint } from '../core/fingerprint.ts';
import type { HttpResponse } from '../http.ts';
import type { Clock, Observer, ResponseCache } from '../ports.ts';

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
  return {
    async before({ context: { call } }) {
      const { caller, chat, plan } = call;
      if (!caller || !chat || !plan) throw new Error('planModels must run before cache');
      const wish = chat.request.options.cache ?? { mayRead: true, mayKeep: true };
      if (!configuration.caching.isOn || (!wish.mayRead && !wish.mayKeep)) return;
      const tags = [...caller.terms.tags, ...(chat.request.options.tags ?? [])];
      const ruled = cacheDecision(chat.request, plan.asked, tags, configuration.caching);
      const decision =
        ruled.isKept && wish.ttlSeconds !== undefined ? { ...ruled, ttlSeconds: wish.ttlSeconds } : ruled;
      const sharedAs = decision.isKept ? decision.sharedAs : undefined;
      const scope = scopeOf(call, configuration.caching.scope, sharedAs);
      if (!scope) return;
      call.cache = {
        scope,
        fingerprint: fingerprint(scope, plan.asked, chat.request),
        decision,
        mayKeep: decision.isKept && wish.mayKeep,
      };
      // What is never kept is not looked for either.
      if (!wish.mayRead || !decision.isKept) return;
      const hit = await responseCache.find(scope, call.cache.fingerprint).catch((cause) => {
        observer.storeFailed(cause);
        return undefined;
      });
      const ageMs = hit ? clock() - hit.storedAtMs : 0;
      if (hit && ageMs <= (wish.maximumAgeSeconds ?? Number.POSITIVE_INFINITY) * 1_000) call.cache.hit = hit;
    },
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
