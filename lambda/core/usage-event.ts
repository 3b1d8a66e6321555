import type { InputKind } from './configuration.ts';
import type { GatewayError } from './errors.ts';
import type { MicroDollars } from './price.ts';
import type { Choice } from './routing/choose-model.ts';
import type { Complexity } from './routing/quality.ts';
import type { TaskClass } from './routing/task-class.ts';
import type { TokenUsage } from './usage.ts';

/**
 * How a request ended:
 * `answered` whole; `interrupted` after its first content; `client_closed` by the caller; `failed` without an answer;
 * `rejected` because the request itself could not be served.
 */
export type Outcome = 'answered' | 'interrupted' | 'client_closed' | 'failed' | 'rejected';

/** One step of a request's plan. `error` is the code of what went wrong; absent when the model answered. */
export interface AttemptRecord {
  model: string;
  startedAtMs: number;
  latencyMs: number;
  error?: string;
}

/** A decision of the semantic cache, in ids and numbers. */
export interface SemanticDecision {
  mode: string;
  verdict: 'serve' | 'grey zone' | 'miss';
  /** The fingerprint of the kept answer that came nearest. */
  candidate?: string;
  /** The cosine of the two prompts' vectors. */
  likeness?: number;
  /** From 0 to 1. */
  score?: number;
  /** The threshold where second looks decide it; null while they carry none. */
  servesFrom?: number | null;
  /** Ids of what spoke against it. */
  vetoes: readonly string[];
}

/** Why the gateway made a call that no caller asked for. */
export type SideKind = 'shadow' | 'second look';

/** How a model was chosen. `model` is the one chosen; a fallback may have answered. */
export interface RoutingRecord {
  policy: string;
  taskClass: TaskClass;
  confidence: number;
  complexity: Complexity;
  topic?: string;
  model: string;
  because: Choice['because'] | 'shadow';
  movedBecause?: Choice['movedBecause'];
  /** How much a stronger model was expected to be worth; 1 for an average prompt. */
  demand: number;
  /** What the request asked of its model; what is absent it did not ask for. */
  needs: { inputTokens: number; inputs?: readonly InputKind[]; tools?: true; jsonSchema?: true };
  maxCostPer1MTokens?: number;
  maxOutputTokens?: number;
  /** The model that was expected to be the best for it, where another was taken. */
  best?: string;
  /** Rated models that could not be taken then, and providers without a key, as `openai/`. */
  leftOut?: readonly string[];
}

/** One accepted request, or its shadow, as the ledger keeps it. No prompt, no answer, no key. */
export interface UsageEvent {
  requestId: string;
  account: string;
  keyId: string;
  startedAtMs: number;
  wire: string;
  stream: boolean;
  /** A call that the gateway made for itself, beside the request it names. */
  side?: { kind: SideKind; of: string };
  user?: string;
  tags?: readonly string[];
  /** It had an end user, who has been erased. */
  isErased?: true;
  requestedModel: string | null;
  /** Of a request that left its model to the gateway: what it was taken for, which model was chosen, and why. */
  routing?: RoutingRecord;
  /** The model and provider that answered, or were tried last; absent when none was. */
  model?: string;
  provider?: string;
  outcome: Outcome;
  errorCode?: string;
  finishReason?: string;
  usage: TokenUsage;
  costMicroDollars: MicroDollars;
  /** Where the answer came from when no provider was called, and what that saved. */
  cache?: 'exact' | 'coalesced' | 'semantic';
  savedMicroDollars?: MicroDollars;
  /** What the same tokens would have cost at the model that was expected to be the best, less what they did; below 0 where a dearer one answered. */
  routingSavedMicroDollars?: MicroDollars;
  /** The request whose call served this one, or failed for both. */
  coalescedWith?: string;
  /** Why the answer was kept, or not. */
  cacheReason?: string;
  /** What the semantic cache decided; absent where it had no part, or was too slow. */
  semantic?: SemanticDecision;
  priceCatalogueVersion: string;
  attempts: number;
  /** How often money was asked for, when that was more often than a provider was called. */
  admissions?: number;
  /** What came of each step, kept when there was more than one. */
  attemptLog?: readonly AttemptRecord[];
  latencyMs: number;
  timeToFirstTokenMs?: number;
  /** What the caller thought of the answer, from 0 to 1, where they said so. */
  score?: number;
}

/** How a request that ended with this error ended. */
export function outcomeOf(error: GatewayError): Outcome {
  if (error.code === 'client_closed') return 'client_closed';
  const isOurs = error.code === 'provider_key_refused' || error.code === 'rate_limit_exceeded';
  return error.status < 500 && !isOurs ? 'rejected' : 'failed';
}
