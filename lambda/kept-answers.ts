import type { CompletionFacts } from './core/completion.ts';
import type { CacheOwner, CacheScope } from './core/fingerprint.ts';
import type { MicroDollars } from './core/price.ts';
import type { TokenUsage } from './core/usage.ts';
import type { NewNeighbour } from './semantic-index.ts';

/** A whole answer that is kept for whoever asks the same. */
export interface CachedAnswer {
  /** The OpenAI completion, as it was judged. */
  text: string;
  facts: CompletionFacts;
  usage: TokenUsage;
  /** What it did cost. */
  costMicroDollars: MicroDollars;
  storedAtMs: number;
}

/** Which answers of an owner; all without a condition. */
export interface KeptAnswers {
  fingerprint?: string;
  tag?: string;
  user?: string;
}

/** A kept answer as its account sees it. */
export interface KeptEntry {
  fingerprint: string;
  tags: readonly string[];
  /** The end user who asked first. */
  user?: string;
  /** It also serves questions in other words. */
  isSemantic: boolean;
  expiresAtMs: number;
  /** The question and the answer; only of an entry that is inspected. */
  prompt?: string;
  answer?: CachedAnswer;
}

/** Answers kept for a time. A scope's are nobody else's. */
export interface ResponseCache {
  /**
   * Undefined when there is none, it has expired, or it cannot be read as it was written. A fresh look sees what was written a
   * moment ago.
   */
  find(scope: CacheScope, fingerprint: string, options?: { isFresh: boolean }): Promise<CachedAnswer | undefined>;
  /**
   * Keeps an answer, and its neighbour in the semantic index; false for one that is too large for the store, which is left
   * out.
   */
  keep(
    scope: CacheScope,
    fingerprint: string,
    answer: CachedAnswer,
    options: { ttlSeconds: number; tags: readonly string[]; user?: string; near?: NewNeighbour },
  ): Promise<boolean>;
  /** What is kept under a fingerprint, in full; undefined when there is nothing. */
  inspect(owner: CacheOwner, fingerprint: string): Promise<KeptEntry | undefined>;
  /** A page of what an owner has kept, by fingerprint from behind `after` on; `next` leads to the following page. */
  page(
    owner: CacheOwner,
    which: KeptAnswers,
    after: string | undefined,
  ): Promise<{ entries: KeptEntry[]; next?: string }>;
  /** The fingerprints of what an account, or a group of them, has kept: one, those with a tag, an end user's, or all. */
  list(owner: CacheOwner, which: KeptAnswers): Promise<string[]>;
  /** Removes these answers of an owner. Throws when one of them may still be served. */
  remove(owner: CacheOwner, fingerprints: readonly string[]): Promise<void>;
}

/** Which end user began something, and when; nobody where none was named. */
export interface Whose {
  user: string | undefined;
  startedAtMs: number;
}

/** A response as it is sent again: its body is text, also that of a stream. */
export interface KeptResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** What is known of an idempotency key when a request comes with it. */
export type IdempotencyClaim =
  | { state: 'claimed'; owner: string }
  | { state: 'done'; response: KeptResponse }
  | { state: 'under way' | 'other body' };

/** Idempotency keys, kept for a day. Keys and bodies are known by their hashes only. */
export interface Idempotency {
  claim(account: string, keyHash: string, bodyHash: string, leaseMs: number): Promise<IdempotencyClaim>;
  /** `whose` says which end user's it is, and when the request began. */
  keep(account: string, keyHash: string, owner: string, response: KeptResponse, whose: Whose): Promise<void>;
  /** Lets the next request with the key through: this one came to nothing. */
  giveBack(account: string, keyHash: string, owner: string): Promise<void>;
}
