import type { Context } from 'aws-lambda';
import type { Identity } from './chat/identity.ts';
import type { Lifetime } from './chat/lifetime.ts';
import type { FollowedAnswer } from './coalescing/flights.ts';
import type { Lead } from './coalescing/lead.ts';
import type { Day } from './core/calendar.ts';
import type { Plan, Step } from './core/chain.ts';
import type { ChatRequest } from './core/chat-request.ts';
import type { GatewayError } from './core/errors.ts';
import type { JobTerms } from './core/job-request.ts';
import type { MicroDollars } from './core/price.ts';
import type { Standing } from './core/rate-window.ts';
import type { AskedAgain } from './core/routing/signals.ts';
import type { TokenUsage } from './core/usage.ts';
import type { AttemptRecord, Outcome, SemanticDecision, UsageEvent } from './core/usage-event.ts';
import type { CachedAnswer } from './kept-answers.ts';
import type { Routing } from './middleware/route.ts';
import type { Caller, CeilingShare, ReservationRequest } from './ports.ts';
import type { Neighbourhood } from './second-looks.ts';
import type { NewNeighbour } from './semantic-index.ts';
import type { ChatWire } from './wires/chat-wire.ts';

/**
 * One request on its way through a pipeline: what is known about it so far. Middlewares and handlers fill it in; the
 * answer's headers, the usage event and the request's log line are made from it. It lives on the invocation's context,
 * never in a closure of the process, because a server holds many at once.
 */
export interface Call {
  readonly requestId: string;
  readonly startedAtMs: number;
  /** Method and path, as `routes.ts` has them. */
  readonly route: string;
  /** It is the gateway's own, made beside a request. */
  readonly side?: UsageEvent['side'];
  caller?: Caller;
  chat?: { wire: ChatWire; request: ChatRequest };
  /** What is asked of a job beside its chat. */
  job?: JobTerms;
  /** How the model was chosen, of a request that leaves it to the gateway. */
  routing?: Routing;
  /** The answer to the conversation's last turn, where this request is that turn once more. */
  askedAgain?: AskedAgain;
  plan?: Plan;
  /** Why there is no plan; thrown once the limits have been charged. */
  refusal?: GatewayError;
  /** Where the limits a minute stand, for the answer's headers. */
  standings?: readonly Standing[];
  /** What the limits a minute were charged: tokens are corrected when the answer is over, all of it if none is asked for. */
  charged?: readonly { counter: string; amount: number; epoch: number }[];
  /** What makes the request the same as another; undefined where nobody asks. */
  identity?: Identity;
  /** What the response cache has to do with this request. */
  cache?: {
    mayKeep: boolean;
    /** The look for a kept answer, where one is looked for. Never fails. */
    finding?: Promise<CachedAnswer | undefined>;
    /** The answer on its way into the cache. True when it got there; never fails. */
    keeping?: Promise<boolean>;
  };
  /** What the semantic cache has to do with this request. */
  semantic?: {
    /** What goes into the index with a kept answer; undefined when the prompt could not be embedded. Never fails. */
    near: Promise<NewNeighbour | undefined>;
    decision?: SemanticDecision;
    /** The kept answer that served, or nearly did: worth a second look. */
    pair?: SemanticPair | undefined;
    /** The request no longer waits for it. */
    isOver: boolean;
  };
  /** The answer to another request that serves this one, too. */
  reused?: ReusedAnswer;
  /** The request whose call served this one, or failed for both. */
  coalescedWith?: string;
  /** What this request has to do for others that ask the same. */
  lead?: Lead;
  /** Money reserved for the attempt under way. */
  reservation?: { request: ReservationRequest; day: Day; earlier: MicroDollars };
  /** Reservations that may have been made, or could not be given back: they cost nothing, and are settled at the end. */
  unsettled?: { request: ReservationRequest; day: Day }[];
  /** The part of the deployment's day that is reserved for the attempt under way. */
  ceilingShare?: CeilingShare;
  /** The share of its budget the account had committed before this call. */
  budgetPercent?: number;
  /** The model that answered, or was tried last. */
  step?: Step;
  /** The idempotency key that the request holds, until it is given back. */
  idempotency?: { keyHash: string; owner: string; isKept: boolean };
  /** The answer is one that was given before: it costs nothing, and is no event. */
  isReplay?: boolean;
  /** Calls that were made to providers. */
  attempts: number;
  /** How often money was asked for: each time has a reservation of its own. */
  admissions?: number;
  /** The last call was given up while a provider was at work on it. */
  isGivenUp?: boolean;
  /** What came of each step so far, calls that were not made included. */
  attemptLog?: readonly AttemptRecord[];
  /** What the last step that was taken threw; a step that was not taken leaves it as it is. */
  lastThrown?: unknown;
  /** The model whose limit a minute the request is charged to. */
  chargedModel?: string;
  firstContentAtMs?: number;
  outcome?: Outcome;
  errorCode?: string;
  finishReason?: string;
  /** What the provider will bill; undefined while nothing was produced. */
  usage?: TokenUsage;
  /** The end of a streamed answer, however it ends: its settlement included. */
  ended?: Promise<void>;
  /** The usage event, once it is settled. */
  event?: UsageEvent;
  /** What was thrown, with its cause, for the log. */
  error?: unknown;
}

/** A question and the kept answer that came nearest to it. */
export interface SemanticPair {
  where: Neighbourhood;
  fingerprint: string;
  /** The question that was answered, and the one that was asked. */
  kept: string;
  asked: string;
  /** Whose labels a second look adds to. */
  group: string;
  score: number | undefined;
}

/** An answer that is given again, or followed while it is made. */
export interface ReusedAnswer {
  how: 'exact' | 'semantic' | 'coalesced';
  modelId: string;
  answer: CachedAnswer | FollowedAnswer;
  /** Its own fingerprint, where that is not the request's. */
  fingerprint?: string;
  /** What it did cost; known at the end of one that is followed. */
  savedMicroDollars?: MicroDollars;
}

/** Platforms that learn that the caller hung up say so here: a plain HTTP server does, Lambda does not. */
export interface PlatformContext extends Context {
  callerSignal?: AbortSignal;
}

/** The context after `observe`. */
export interface CallContext extends PlatformContext {
  call: Call;
}

/** The context after `settle`. */
export interface SettlingContext extends CallContext {
  /** Writes the usage event, once however often it is called. Never throws. */
  settle: () => Promise<void>;
}

/** The context after `deadline`. */
export interface TimedContext extends SettlingContext {
  lifetime: Lifetime;
  deadlineAtMs: number;
}
