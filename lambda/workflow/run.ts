import type { Call } from '../call.ts';
import type { Plan, Route, Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { CompletionFacts } from '../core/completion.ts';
import type { Configuration, Model } from '../core/configuration.ts';
import { type ErrorCode, GatewayError } from '../core/errors.ts';
import { given } from '../core/given.ts';
import type { MicroDollars } from '../core/price.ts';
import { type FailureClass, ProviderFailure } from '../core/provider-failure.ts';
import type { TokenUsage } from '../core/usage.ts';
import { headgateChat } from '../wires/headgate-chat.ts';
import { openAiChat } from '../wires/openai-chat.ts';

/** A request whose plan is run outside the process that received it: everything a call of its plan needs, as data. */
export interface StoredRun {
  requestId: string;
  startedAtMs: number;
  deadlineAtMs: number;
  route: string;
  caller: NonNullable<Call['caller']>;
  wire: string;
  request: ChatRequest;
  steps: { modelId: string; waitMs: number; timeoutMs: number }[];
  planRoute: Route;
  asked: string;
  /** How the model was chosen, where the request did not name one. */
  routing?: Call['routing'];
  /** What the call had gathered when the run was kept. */
  progress: CallProgress;
  /** Until when the run and its result can be read. */
  keptUntilMs: number;
  /** Where a job's result is to be told. */
  webhook?: string;
  /** Its end user has been erased: it ends with its next step. */
  isErased?: true;
}

/** What a call has gathered so far, handed from one step's process to the next's. */
export type CallProgress = Pick<
  Call,
  | 'attempts'
  | 'admissions'
  | 'isGivenUp'
  | 'attemptLog'
  | 'chargedModel'
  | 'charged'
  | 'reservation'
  | 'ceilingShare'
  | 'unsettled'
  | 'budgetPercent'
  | 'usage'
  | 'finishReason'
> & {
  lastFailure?: StoredFailure;
  /** The model that was called last. */
  calledModel?: string;
  /** Somebody failed in this round who may do better later. */
  isWorthAnotherRound?: boolean;
};

/** What came of a run: an answer as the provider gave it, or what was thrown. */
export interface StoredResult {
  progress: CallProgress;
  endedAtMs: number;
  costMicroDollars: MicroDollars;
  answer?: { text: string; facts: CompletionFacts; usage: TokenUsage; maxTokens: number | undefined };
  failure?: StoredFailure;
}

export interface StoredFailure {
  code: ErrorCode;
  message: string;
  status: number;
  param?: string;
  retryAfterSeconds?: number;
  failureClass?: FailureClass;
  reason?: string;
  /** No provider was called. */
  isCalled?: false;
}

/** A call as it goes into the store before its plan goes on elsewhere. */
export function storedRun(
  call: Call,
  request: ChatRequest,
  plan: Plan,
  deadlineAtMs: number,
  keptUntilMs: number,
): StoredRun {
  const { requestId, startedAtMs, route, caller, chat, routing } = call;
  if (!caller || !chat) throw new Error('authenticate and parseChat must run before a plan does');
  return {
    requestId,
    startedAtMs,
    deadlineAtMs,
    route,
    caller,
    wire: chat.wire.name,
    request,
    steps: plan.steps.map(({ modelId, waitMs, timeoutMs }) => ({ modelId, waitMs, timeoutMs })),
    planRoute: plan.route,
    asked: plan.asked,
    ...(routing ? { routing } : {}),
    progress: progressOf(call),
    keptUntilMs,
  };
}

/** What is left of a run whose end user is erased: what its usage event needs, and nothing of what was asked or told. */
export function erasedRun(run: StoredRun, progress: CallProgress): StoredRun {
  const { webhook: _webhook, request, ...rest } = run;
  const { lastFailure: _failure, ...counted } = progress;
  return { ...rest, isErased: true, request: { ...request, body: { messages: [] }, options: {} }, progress: counted };
}

/**
 * The call and its plan again. From the second round of a job on each model is called once: its retries were the first
 * round's, and a day of them would be more than a state machine can count. Throws for a model that is no longer configured.
 */
export function restoredCall(
  run: StoredRun,
  round: number,
  { lastFailure, calledModel, isWorthAnotherRound: _, ...progress }: CallProgress,
  { models }: Pick<Configuration, 'models'>,
): { call: Call; plan: Plan } {
  const { requestId, startedAtMs, route, caller, request, routing } = run;
  const wire = run.wire === headgateChat.name ? headgateChat : openAiChat;
  const taken = run.steps.filter(
    ({ modelId }, index) => round === 1 || run.steps.findIndex((step) => step.modelId === modelId) === index,
  );
  const steps = taken.map((step): Step => ({ ...step, model: modelOf(step.modelId, models) }));
  const called = steps.find(({ modelId }) => modelId === calledModel);
  const plan: Plan = {
    steps: steps as [Step, ...Step[]],
    asked: run.asked,
    route: run.planRoute,
  };
  const lastThrown = lastFailure && restoredFailure(lastFailure);
  const chat = { wire, request };
  const call: Call = { requestId, startedAtMs, route, caller, chat, plan, lastThrown, ...progress };
  if (called) call.step = called;
  if (routing) call.routing = routing;
  return { call, plan };
}

function modelOf(modelId: string, models: Configuration['models']): Model {
  const model = models[modelId];
  if (!model) throw new Error('A model of the plan is no longer configured.');
  return model;
}

/** What the next step's process must know of this one's call. */
export function progressOf(call: Call): CallProgress {
  const { attempts, admissions, isGivenUp, attemptLog, chargedModel, charged, reservation, ceilingShare, unsettled } =
    call;
  const { budgetPercent, usage, finishReason, lastThrown, step } = call;
  const optional = {
    admissions,
    isGivenUp,
    attemptLog,
    chargedModel,
    charged,
    reservation,
    ceilingShare,
    unsettled,
    budgetPercent,
    usage,
    finishReason,
    calledModel: attempts > 0 ? step?.modelId : undefined,
    lastFailure: lastThrown === undefined ? undefined : storedFailure(lastThrown),
  };
  return { attempts, ...given(optional) };
}

/** A failure as data. What is no failure of ours says only that the gateway failed. */
export function storedFailure(thrown: unknown): StoredFailure {
  const error = thrown instanceof ProviderFailure ? thrown.error : thrown;
  if (!(error instanceof GatewayError)) return { code: 'internal_error', message: 'The gateway failed.', status: 500 };
  const { code, message, status, param, retryAfterSeconds } = error;
  return {
    code,
    message,
    status,
    ...(param === undefined ? {} : { param }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(thrown instanceof ProviderFailure ? { failureClass: thrown.failureClass } : {}),
    ...(thrown instanceof ProviderFailure && thrown.reason !== undefined ? { reason: thrown.reason } : {}),
    ...(thrown instanceof ProviderFailure && !thrown.isCalled ? { isCalled: false } : {}),
  };
}

/** The failure again, to be thrown as it was. */
export function restoredFailure({ code, message, failureClass, reason, isCalled, ...options }: StoredFailure): Error {
  const error = new GatewayError(code, message, options);
  return failureClass === undefined
    ? error
    : new ProviderFailure(failureClass, error, {
        ...(reason === undefined ? {} : { reason }),
        ...(isCalled === false ? { isCalled } : {}),
      });
}
