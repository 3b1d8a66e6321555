import { costOfCall } from '../answer-headers.ts';
import type { Call } from '../call.ts';
import { type LeadPorts, shareAnswer } from '../coalescing/lead.ts';
import { isKeepable } from '../core/cache-policy.ts';
import { type ChatRequest, maxTokensOf } from '../core/chat-request.ts';
import type { CompletionFacts } from '../core/completion.ts';
import { given } from '../core/given.ts';
import { isJsonObject, type JsonObject } from '../core/json-body.ts';
import type { TokenUsage } from '../core/usage.ts';
import type { CachedAnswer, ResponseCache } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';
import type { NewNeighbour } from '../semantic-index.ts';

export interface KeepPorts extends LeadPorts {
  responseCache: ResponseCache;
  clock: Clock;
}

/** Longer answers would not fit into an item of the store in any case, and cost time to compress. */
const MAXIMUM_CHARACTERS = 4_000_000;

/** A judged answer. */
interface Keepable {
  body: JsonObject;
  /** The body as JSON. */
  text: string;
  facts: CompletionFacts;
  usage: TokenUsage;
}

/** True when the answer to this call is wanted by others, or by the cache, if it turns out well. */
export function isWanted(call: Call): boolean {
  return call.lead !== undefined || isForCache(call);
}

function isForCache({ cache, reused, plan, step }: Call): boolean {
  return cache?.mayKeep === true && !reused && step !== undefined && step.modelId === plan?.asked;
}

/** Puts a good answer on its way to those who wait for it, and into the cache. The end of the request waits for both. */
export function passOn(ports: KeepPorts, call: Call, keepable: Keepable, admitted: ChatRequest): void {
  if (call.reused) return;
  const { text, facts, usage } = keepable;
  const answer = { text, facts, usage, costMicroDollars: costOfCall(call), storedAtMs: ports.clock() };
  keepAnswer(ports, call, keepable.body, answer);
  if (!isCutByBudget(call, keepable.body, admitted)) shareAnswer(ports, call, answer);
}

/** True for an answer that ended where this caller's money did: another's may be longer. */
function isCutByBudget({ chat }: Call, { choices }: JsonObject, admitted: ChatRequest): boolean {
  if (!chat || maxTokensOf(admitted) === maxTokensOf(chat.request)) return false;
  return Array.isArray(choices) && choices.some((choice) => isJsonObject(choice) && choice.finish_reason === 'length');
}

/**
 * Only what the model asked for has said, to its end: nothing filtered or cut by a limit, and tool calls where a rule keeps
 * them.
 */
function keepAnswer({ responseCache, observer }: KeepPorts, call: Call, body: JsonObject, answer: CachedAnswer): void {
  const { cache, identity, chat } = call;
  if (!cache || !identity?.decision?.isKept || !chat || !isForCache(call)) return;
  const { ttlSeconds, keepsToolCalls } = identity.decision;
  if (answer.text.length > MAXIMUM_CHARACTERS) return;
  if (!isKeepable(body, chat.request, keepsToolCalls)) return;
  // What a rule shares among accounts is nobody's.
  const user = identity.scope.kind === 'shared' ? undefined : chat.request.options.user;
  const options = { ttlSeconds, tags: identity.tags, ...given({ user }) };
  const keep = (near: NewNeighbour | undefined) =>
    responseCache.keep(identity.scope, identity.fingerprint, answer, { ...options, ...given({ near }) });
  cache.keeping = (call.semantic ? call.semantic.near.then(keep) : keep(undefined)).catch((cause) => {
    observer.storeFailed(cause);
    return false;
  });
}
