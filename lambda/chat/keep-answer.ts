import { costOfCall } from '../answer-headers.ts';
import type { Call } from '../call.ts';
import { isKeepable } from '../core/cache-policy.ts';
import type { CompletionFacts } from '../core/completion.ts';
import { given } from '../core/given.ts';
import type { JsonObject } from '../core/json-body.ts';
import type { TokenUsage } from '../core/usage.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Clock, Observer } from '../ports.ts';

export interface KeepPorts {
  responseCache: ResponseCache;
  clock: Clock;
  observer: Observer;
}

/** Longer answers would not fit into an item of the store in any case, and cost time to compress. */
const MAXIMUM_CHARACTERS = 4_000_000;

/** A judged answer, as far as it may be kept. */
interface Keepable {
  body: JsonObject;
  /** The body as JSON. */
  text: string;
  facts: CompletionFacts;
  usage: TokenUsage;
}

/** True when the answer to this call is wanted by the cache, if it turns out well. */
export function isWanted({ cache, plan, step }: Call): boolean {
  return cache?.mayKeep === true && !cache.hit && step !== undefined && step.modelId === plan?.asked;
}

/**
 * Puts an answer on its way into the cache; the end of the request waits for it. Only what the model asked for has said, to
 * its end: nothing filtered or cut by a limit, and tool calls where a rule keeps them.
 */
export function keepAnswer(ports: KeepPorts, call: Call, { body, text, facts, usage }: Keepable): void {
  const { cache, chat } = call;
  if (!cache || !chat || !isWanted(call) || !cache.decision.isKept) return;
  const { ttlSeconds, keepsToolCalls } = cache.decision;
  if (text.length > MAXIMUM_CHARACTERS) return;
  if (!isKeepable(body, chat.request, keepsToolCalls)) return;
  const answer = { text, facts, usage, costMicroDollars: costOfCall(call), storedAtMs: ports.clock() };
  cache.keeping = ports.responseCache
    .keep(cache.scope, cache.fingerprint, answer, {
      ttlSeconds,
      tags: cache.tags,
      ...given({ user: chat.request.options.user }),
    })
    .catch((cause) => ports.observer.storeFailed(cause));
}
