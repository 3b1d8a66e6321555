import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { type ChatRequest, maxTokensOf } from './chat-request.ts';

/** Among whom answers are shared: one account, one of its keys, one of its end users, or the accounts of a named group. */
export type CacheScope =
  | { kind: 'account'; account: string }
  | { kind: 'key'; account: string; keyId: string }
  | { kind: 'user'; account: string; user: string }
  | { kind: 'shared'; group: string };

/** Who may remove answers: an account those of all its keys and end users. */
export type CacheOwner = { account: string } | { group: string };

/** A scope as text. Two scopes never have the same, whatever is in their names: JSON keeps the parts apart. */
export function scopeText(scope: CacheScope): string {
  switch (scope.kind) {
    case 'account':
      return JSON.stringify(['account', scope.account]);
    case 'key':
      return JSON.stringify(['key', scope.account, scope.keyId]);
    case 'user':
      return JSON.stringify(['user', scope.account, scope.user]);
    case 'shared':
      return JSON.stringify(['shared', scope.group]);
  }
}

/** Grows when the form below changes, so that older entries are never taken for newer ones. */
const VERSION = 1;

/** Fields that cannot change an answer: who asks, how it is sent, what the provider keeps. */
const WITHOUT_EFFECT = new Set([
  'user',
  'metadata',
  'store',
  'stream',
  'stream_options',
  'prompt_cache_key',
  'safety_identifier',
]);

/** The providers' names for one thing, which the canonical form has once. */
const LIMITS = new Set(['max_tokens', 'max_completion_tokens']);

/**
 * The SHA-256, in hex, of everything that can change the answer of this model to this request, and of the scope. Requests
 * of different scopes never have the same.
 */
export function fingerprint(scope: CacheScope, modelId: string, request: ChatRequest): string {
  return createHash('sha256')
    .update(canonicalForm(scope, modelId, request))
    .digest('hex');
}

/**
 * A key of 256 bits that only who has the whole request can make. The fingerprint does not tell it: it is the SHA-256 of the
 * same form behind other words.
 */
export function sealingKey(scope: CacheScope, modelId: string, request: ChatRequest): Uint8Array {
  return createHash('sha256')
    .update('sealing key\n')
    .update(canonicalForm(scope, modelId, request))
    .digest();
}

function canonicalForm(scope: CacheScope, modelId: string, request: ChatRequest): string {
  const fields = Object.entries(request.body).filter(([name]) => !WITHOUT_EFFECT.has(name) && !LIMITS.has(name));
  return canonicalJson([VERSION, scopeText(scope), modelId, Object.fromEntries(fields), maxTokensOf(request) ?? null]);
}

/**
 * What two requests must have in common to make one call: the same question, and the same models in the same order for it.
 * Another plan may come to another answer, or to one where this comes to none.
 */
export function callKey(questionFingerprint: string, modelIds: readonly string[]): string {
  return createHash('sha256')
    .update(canonicalJson([questionFingerprint, modelIds]))
    .digest('hex');
}

/**
 * The SHA-256, in hex, of everything that can make a request fail: also of what changes no answer, whose it is, and how long
 * it may take. Who has another may fare better.
 */
export function failureDigest(account: string, { body, options, stream }: ChatRequest): string {
  const { timeoutMs = null, isHeld = false } = options;
  return createHash('sha256')
    .update(canonicalJson([account, body, stream, timeoutMs, isHeld]))
    .digest('hex');
}
