import type { Call } from '../call.ts';
import { type CacheDecision, cacheDecision } from '../core/cache-policy.ts';
import type { Plan } from '../core/chain.ts';
import type { CacheWish, ChatRequest } from '../core/chat-request.ts';
import type { Configuration } from '../core/configuration.ts';
import { mayShare } from '../core/deduplication.ts';
import { type CacheScope, callKey, fingerprint } from '../core/fingerprint.ts';

/** What makes a request the same as another, and what may be done with that. */
export interface Identity {
  scope: CacheScope;
  fingerprint: string;
  /** Whether its answer may be kept; undefined while nothing is. */
  decision: CacheDecision | undefined;
  /** Of the account and of the request. */
  tags: readonly string[];
  /** Requests that have it in common at the same time make one call; undefined for one that has a call of its own. */
  callKey: string | undefined;
}

/** A caller may have an answer kept for a day; longer only a rule may. */
const LONGEST_WISH_SECONDS = 86_400;

const ANYTHING: CacheWish = { mayRead: true, mayKeep: true };

/** The identity of a planned request; undefined when nobody wants it, or there is no scope to share an answer in. */
export function identityOf(call: Call, { caching, deduplication, models }: Configuration): Identity | undefined {
  const { caller, chat, plan } = call;
  if (!caller || !chat || !plan) return undefined;
  const wish = chat.request.options.cache ?? ANYTHING;
  if ((!caching.isOn && !deduplication.isOn) || (!wish.mayRead && !wish.mayKeep)) return undefined;
  const tags = [...caller.terms.tags, ...(chat.request.options.tags ?? [])];
  const decision = caching.isOn ? decisionOf(chat.request, plan.asked, tags, wish, { caching, models }) : undefined;
  const scope = scopeOf(call, caching.scope, decision?.isKept ? decision.sharedAs : undefined);
  if (!scope) return undefined;
  const question = fingerprint(scope, plan.asked, chat.request);
  const callKey = sharesCall(call, decision, { caching, deduplication }) ? callKeyOf(question, plan) : undefined;
  return { scope, fingerprint: question, decision, tags, callKey };
}

/** An idempotency key says that this request is an operation of its own. */
function sharesCall(
  { chat, idempotency }: Call,
  decision: CacheDecision | undefined,
  { caching, deduplication }: Pick<Configuration, 'caching' | 'deduplication'>,
): boolean {
  if (!chat || idempotency) return false;
  const mostVaried = decision?.isKept ? Number.POSITIVE_INFINITY : caching.maximumTemperature;
  return mayShare(chat.request.options, chat.request.body.temperature, mostVaried, deduplication);
}

function callKeyOf(question: string, { steps }: Plan): string {
  return callKey(question, [...new Set(steps.map(({ modelId }) => modelId))]);
}

function decisionOf(
  request: ChatRequest,
  asked: string,
  tags: readonly string[],
  { ttlSeconds }: CacheWish,
  { caching, models }: Pick<Configuration, 'caching' | 'models'>,
): CacheDecision {
  const decision = cacheDecision(request, { id: asked, searches: models[asked]?.searches }, tags, caching);
  if (!decision.isKept || ttlSeconds === undefined) return decision;
  // One account does not decide how long others get what all share.
  const longest = decision.sharedAs === undefined ? LONGEST_WISH_SECONDS : decision.ttlSeconds;
  return { ...decision, ttlSeconds: Math.min(ttlSeconds, longest) };
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
