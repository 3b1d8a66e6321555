import type { MiddlewareObj } from '@middy/core';
import type { Call, CallContext } from '../call.ts';
import { isYoungEnough } from '../core/chat-request.ts';
import type { Configuration } from '../core/configuration.ts';
import { cutForEmbedding } from '../core/semantic/cut.ts';
import { semanticTimeLimitMs } from '../core/semantic/policy.ts';
import { type SemanticQuestion, semanticQuestion } from '../core/semantic-question.ts';
import type { HttpResponse } from '../http.ts';
import type { CachedAnswer, ResponseCache } from '../kept-answers.ts';
import { type KeptNeighbour, keptNeighbour, type Semantic } from '../kept-neighbour.ts';
import type { Clock, Observer } from '../ports.ts';

interface SemanticCachePorts {
  configuration: Configuration;
  responseCache: ResponseCache;
  clock: Clock;
  observer: Observer;
  /** Undefined where the deployment has no semantic cache. */
  semantic?: Semantic | undefined;
}

/**
 * Serves a kept answer to a question that asks the same in other words. Runs where the same question was not found, and before
 * others are waited for. Whatever fails in it, or is slow, is a miss: the request goes on. The vector goes into the
 * index with the answer, if that is kept.
 */
export function semanticCache(ports: SemanticCachePorts): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  const { configuration, observer, semantic } = ports;
  const { caching } = configuration;

  async function find(
    its: Semantic,
    call: Call,
    question: SemanticQuestion,
    vector: Promise<Float32Array>,
  ): Promise<void> {
    const { identity, chat, plan } = call;
    if (!identity || !plan) return;
    const near = await keptNeighbour(its, question, vector, caching.semantic.checks !== undefined);
    const { verdict, fingerprint } = near.decision;
    note(call, question.mode, near);
    if (verdict !== 'serve' || fingerprint === undefined) return;
    const answer = await ports.responseCache.find(identity.scope, fingerprint);
    if (!answer) its.index.forget(its.embedder.id, question.neighbourhood, fingerprint);
    const isYoung = answer !== undefined && isYoungEnough(answer, chat?.request.options.cache, ports.clock());
    const found = withAnswer(near, isYoung ? answer : undefined);
    note(call, question.mode, found);
    if (!answer || found.decision.verdict !== 'serve' || call.semantic?.isOver) return;
    call.reused = {
      how: 'semantic',
      answer,
      modelId: plan.asked,
      fingerprint,
      savedMicroDollars: answer.costMicroDollars,
    };
  }

  return {
    async before({ context: { call } }) {
      const { caller, identity, chat, plan, cache, reused } = call;
      if (!semantic || !caller || !identity || !chat || !plan || !cache || reused) return;
      const { embedder } = semantic;
      const { account } = caller;
      const { scope, decision } = identity;
      const question = semanticQuestion(account, scope, plan.asked, chat.request, decision, caching.semantic);
      if (!question) return;
      const vector = inTime(EMBED_LIMIT_MS, embedder.embed(cutForEmbedding(question.prompt)));
      const { neighbourhood, prompt } = question;
      const isIndexed = caching.semantic.index === 'dynamodb';
      call.semantic = {
        near: vector
          .then((its) => ({ embedder: embedder.id, neighbourhood, prompt, vector: its, isIndexed }))
          .catch(() => undefined),
        isOver: false,
      };
      if (chat.request.options.cache?.mayRead === false) {
        vector.catch((cause) => observer.storeFailed(cause));
        return;
      }
      const looking = find(semantic, call, question, vector).catch((cause) => observer.storeFailed(cause));
      // Too slow is a miss like any other.
      await inTime(semanticTimeLimitMs(caching.semantic), looking).catch(() => {});
      call.semantic.isOver = true;
    },
  };
}

/** What was decided, once the kept answer is there, or is not. */
function withAnswer({ pair, ...near }: KeptNeighbour, answer: CachedAnswer | undefined): KeptNeighbour {
  const { fittingStoredAtMs, decision } = near;
  if (!answer) return { ...near, decision: { ...decision, verdict: 'miss' } };
  if (fittingStoredAtMs === answer.storedAtMs) return near;
  const withPair = pair ? { ...near, pair } : near;
  if (fittingStoredAtMs === undefined) return withPair;
  // The question was answered anew since somebody looked: it takes another look.
  return { ...withPair, decision: { ...decision, verdict: 'grey zone' } };
}

/** The answer may be kept with its vector, so the end of a request waits for that, but no longer. */
const EMBED_LIMIT_MS = 2_000;

/** The same promise, which fails when it takes longer than this. */
async function inTime<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It took longer than ${limitMs} ms.`)), limitMs);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Writes down what was decided, in ids and numbers, for the usage event; what comes too late is not written. */
function note({ semantic }: Call, mode: string, { decision, servesFrom, pair }: KeptNeighbour): void {
  if (!semantic || semantic.isOver) return;
  const { verdict, fingerprint, likeness, score, vetoes } = decision;
  semantic.pair = pair;
  semantic.decision = {
    mode,
    verdict,
    vetoes,
    ...(fingerprint === undefined ? {} : { candidate: fingerprint }),
    ...(likeness === undefined ? {} : { likeness: rounded(likeness) }),
    ...(score === undefined ? {} : { score: rounded(score) }),
    // Infinity is no JSON: nothing is served for its likeness yet.
    ...(servesFrom === undefined ? {} : { servesFrom: Number.isFinite(servesFrom) ? servesFrom : null }),
  };
}

function rounded(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
