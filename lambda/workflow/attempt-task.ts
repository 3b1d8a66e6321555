import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../call.ts';
import { startLifetime } from '../chat/lifetime.ts';
import { givenUpUsage } from '../chat/stream-usage.ts';
import { GatewayError } from '../core/errors.ts';
import { nextRoundMs } from '../core/job-rounds.ts';
import { type Failure, failureOf } from '../core/next-step.ts';
import { costOf } from '../core/price.ts';
import { deadlinePassed } from '../core/provider-failure.ts';
import type { Caller } from '../ports.ts';
import { releaseStep } from './admit-step.ts';
import {
  type CallProgress,
  erasedRun,
  progressOf,
  restoredCall,
  restoredFailure,
  type StoredResult,
  type StoredRun,
  storedFailure,
} from './run.ts';
import { type RunOutput, type RunPosition, type Runs, waitOf } from './run-ports.ts';
import { type PlanRun, type StepOutcome, type VisitPorts, visitStep } from './visit-step.ts';

export interface AttemptTaskPorts extends VisitPorts {
  runs: Readonly<Record<RunPosition['kind'], Runs>>;
  /** Who started a job, by today's terms; undefined when the key is no longer valid. */
  callerNow(run: StoredRun): Promise<Caller | undefined>;
  /** Makes the money reserved for a chat what it cost, and drops it from the call. Whoever waits writes its event. */
  settleChat(call: Call): Promise<void>;
  /** Writes a job's usage event, and whatever else is not settled yet. */
  settleJob(call: Call): Promise<void>;
}

/** What is left for keeping the result and telling the caller of it. */
const RESERVE_MS = 400;

/** A step whose process died is taken over this long after its call must have ended. */
const LEASE_MARGIN_MS = 5_000;

/** A job's own call may take so long; the function has a little more. */
const LONGEST_CALL_MS = 8 * 60_000;

/**
 * One step of a run, as a state machine asks for it: makes the call, keeps what came of it, and says what follows. Asked
 * twice for the same step, it makes one call and gives one answer. A run whose end user was erased ends here. Throws when the
 * store fails, for the machine to try again.
 */
export async function attemptTask(
  ports: AttemptTaskPorts,
  position: RunPosition,
  callerSignal: AbortSignal | undefined,
): Promise<RunOutput> {
  const { kind, account, requestId } = position;
  const runs = ports.runs[kind];
  const run = await runs.find(account, requestId);
  if (!run || run.isErased) return stop(ports, run, position);
  const claim = await runs.claim(run, position, Math.max(0, leftFor(ports, run)) + LEASE_MARGIN_MS);
  if ('output' in claim) return claim.output;
  try {
    const taken = await takeStep(ports, run, position, claim.progress, callerSignal);
    await runs.finish(position, claim.owner, taken.output, taken.progress);
    return taken.output;
  } catch (thrown) {
    // Whoever tries the step again need not wait for the lease to end.
    await runs.giveUp(position, claim.owner).catch(() => {});
    throw thrown;
  }
}

/** True for a run whose end user was erased: a run is kept for longer than its machine runs. */
async function isErased(runs: Runs, { account, requestId }: RunPosition): Promise<boolean> {
  const run = await runs.find(account, requestId);
  return run === undefined || run.isErased === true;
}

/** The end of a run that was erased while it waited. A job's event says nothing of anybody; a chat has had its own. */
async function stop(ports: AttemptTaskPorts, run: StoredRun | undefined, position: RunPosition): Promise<RunOutput> {
  if (run) {
    const { call } = restoredCall(run, position.round, run.progress, ports.configuration);
    call.outcome = 'client_closed';
    call.error = new GatewayError('client_closed', 'The end user of the job was erased.');
    call.errorCode = 'client_closed';
    await ports.settleJob(call);
  }
  return { ...position, verdict: 'erased', notify: false };
}

/** Milliseconds a call may take from now on. */
function leftFor({ clock }: AttemptTaskPorts, { deadlineAtMs }: StoredRun): number {
  return Math.min(deadlineAtMs - clock() - RESERVE_MS, LONGEST_CALL_MS);
}

interface Taken {
  output: RunOutput;
  progress: CallProgress;
}

async function takeStep(
  ports: AttemptTaskPorts,
  run: StoredRun,
  position: RunPosition,
  progress: CallProgress,
  callerSignal: AbortSignal | undefined,
): Promise<Taken> {
  const runs = ports.runs[position.kind];
  const { call, plan } = restoredCall(run, position.round, progress, ports.configuration);
  const done = await runs.result(position.account, position.requestId);
  if (done) return ended(ports, run, position, done);

  const lifetime = startLifetime(Math.max(1, leftFor(ports, run)), callerSignal);
  const { request } = run;
  const planRun = { call, request, plan, deadlineAtMs: run.deadlineAtMs - RESERVE_MS, signal: lifetime.signal };
  try {
    await pause(Math.min(position.restMs, Math.max(0, leftFor(ports, run))), undefined, {
      signal: lifetime.signal,
    }).catch(() => {});
    const outcome = await callStep(ports, run, position, planRun);
    const isWorthAnotherRound = progress.isWorthAnotherRound === true || isPassing(outcome);
    const next = continuation(ports, run, position, planRun, outcome, isWorthAnotherRound);
    if (next) {
      await releaseStep(ports, call);
      const isSameRound = next.round === position.round;
      return {
        output: next,
        progress: { ...progressOf(call), isWorthAnotherRound: isSameRound && isWorthAnotherRound },
      };
    }
    const result = await resultOf(ports, run, position, call, outcome);
    // Nothing is kept of an answer whose end user was erased meanwhile.
    if (position.kind === 'job' && (await isErased(runs, position))) {
      const { progress: counted, output } = await ended(ports, erasedRun(run, result.progress), position, result);
      return { progress: counted, output: { ...output, verdict: 'erased', notify: false } };
    }
    const isFirst = await runs.putResult(run, result);
    const kept = isFirst ? result : ((await runs.result(position.account, position.requestId)) ?? result);
    return await ended(ports, run, position, kept);
  } finally {
    lifetime.end();
  }
}

async function callStep(
  ports: AttemptTaskPorts,
  run: StoredRun,
  { kind, step }: RunPosition,
  planRun: PlanRun,
): Promise<StepOutcome> {
  if (leftFor(ports, run) <= 0) return refusedBy(deadlinePassed());
  const caller = kind === 'job' ? await ports.callerNow(run) : run.caller;
  if (!caller) {
    return refusedBy(new GatewayError('invalid_api_key', 'The key that started this job has been revoked since.'));
  }
  planRun.call.caller = caller;
  return visitStep(ports, planRun, step);
}

function refusedBy(thrown: Error): StepOutcome {
  return { verdict: 'refused', thrown, failure: failureOf(thrown) as Failure };
}

/** Refusals of ours that pass with time. */
const PASSING: ReadonlySet<string> = new Set([
  'budget_exhausted',
  'rate_limit_exceeded',
  'locked_out',
  'store_unavailable',
  'provider_overloaded',
]);

/** True for a failure after which the same step may be answered later. */
function isPassing(outcome: StepOutcome): boolean {
  if (outcome.verdict === 'answered') return false;
  return outcome.failure.failureClass === 'transient' || PASSING.has(outcome.failure.code);
}

/** Where the machine goes on; undefined when there is an answer, or the plan has come to its end. */
function continuation(
  { clock }: AttemptTaskPorts,
  { deadlineAtMs }: StoredRun,
  position: RunPosition,
  { plan }: PlanRun,
  outcome: StepOutcome,
  isWorthAnotherRound: boolean,
): RunPosition | undefined {
  if (outcome.verdict === 'answered') return undefined;
  const visit = position.visit + 1;
  if (outcome.verdict === 'retry') {
    return { ...position, visit, step: outcome.next, ...waitOf(outcome.waitMs) };
  }
  const isOver = outcome.verdict === 'refused' && !isPassing(outcome);
  if (position.kind === 'chat' || isOver || !isWorthAnotherRound || plan.steps.length === 0) return undefined;
  const waitMs = nextRoundMs(position.round, Math.random());
  if (clock() + waitMs + RESERVE_MS >= deadlineAtMs) return undefined;
  return { ...position, visit, round: position.round + 1, step: 0, ...waitOf(waitMs) };
}

/** The end of a run as its caller will see it. A chat's money is settled by then, a job's once its event is written. */
async function resultOf(
  ports: AttemptTaskPorts,
  run: StoredRun,
  { kind }: RunPosition,
  call: Call,
  outcome: StepOutcome,
): Promise<StoredResult> {
  const result = { endedAtMs: ports.clock(), costMicroDollars: 0 };
  if (outcome.verdict !== 'answered') {
    const { thrown } = outcome;
    if (call.isGivenUp) call.usage = givenUpUsage(run.request);
    if (kind === 'chat') await ports.settleChat(call);
    return { ...result, progress: progressOf(call), failure: storedFailure(thrown) };
  }
  const { answer, request, step } = outcome;
  if (answer.kind !== 'complete') throw new Error('A run is never streamed.');
  const { text, facts, usage } = answer;
  call.usage = usage;
  call.finishReason = facts.finishReason;
  if (kind === 'chat') await ports.settleChat(call);
  const costMicroDollars = costOf(usage, step.model.price);
  const kept = { text, facts, usage, maxTokens: request.maxTokens };
  return { ...result, costMicroDollars, progress: progressOf(call), answer: kept };
}

/** Writes a job's usage event, and tells the machine that there is a result. A chat's is written where it is waited for. */
async function ended(
  ports: AttemptTaskPorts,
  run: StoredRun,
  position: RunPosition,
  { progress, answer, failure }: StoredResult,
): Promise<Taken> {
  if (position.kind === 'job') {
    const { call } = restoredCall(run, position.round, progress, ports.configuration);
    call.outcome = answer ? 'answered' : 'failed';
    if (failure) {
      call.errorCode = failure.code;
      call.error = restoredFailure(failure);
    }
    await ports.settleJob(call);
  }
  const verdict = answer ? 'answered' : 'failed';
  return { output: { ...position, verdict, notify: run.webhook !== undefined }, progress };
}
