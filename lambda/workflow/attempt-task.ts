import type { Call } from '../call.ts';
import { startLifetime } from '../chat/lifetime.ts';
import type { Plan } from '../core/chain.ts';
import { GatewayError } from '../core/errors.ts';
import { estimateInputTokens } from '../core/estimate-tokens.ts';
import { nextRoundMs } from '../core/job-rounds.ts';
import { failureOf } from '../core/next-step.ts';
import { costOf } from '../core/price.ts';
import { mayBeBilled, ProviderFailure } from '../core/provider-failure.ts';
import { estimatedUsage } from '../core/usage.ts';
import type { Caller } from '../ports.ts';
import { releaseStep } from './admit-step.ts';
import { progressOf, restoredCall, restoredFailure, type StoredResult, type StoredRun, storedFailure } from './run.ts';
import type { RunOutput, RunPosition, Runs } from './run-ports.ts';
import { type StepOutcome, type VisitPorts, visitStep } from './visit-step.ts';

export interface AttemptTaskPorts extends VisitPorts {
  runs: Readonly<Record<RunPosition['kind'], Runs>>;
  /** Who started a job, by today's terms; undefined when the key is no longer valid. */
  callerNow(run: StoredRun): Promise<Caller | undefined>;
  /** Writes a job's usage event, its money and its limits. */
  settleJob(call: Call): Promise<void>;
}

/** What is left for keeping the result and telling the caller of it. */
const RESERVE_MS = 400;

/** Longer than any call may take: a step whose process died is taken over after it. */
const LEASE_MARGIN_MS = 5_000;

/** A job's own call may take so long; the function has a little more. */
const LONGEST_CALL_MS = 8 * 60_000;

/**
 * One step of a run, as a state machine asks for it: makes the call, keeps what came of it, and says what follows. Asked
 * twice for the same step, it makes one call and gives one answer. Throws when the run is gone or the store fails, for the
 * machine to try again.
 */
export async function attemptTask(
  ports: AttemptTaskPorts,
  position: RunPosition,
  callerSignal: AbortSignal | undefined,
): Promise<RunOutput> {
  const { kind, account, requestId } = position;
  const runs = ports.runs[kind];
  const run = await runs.find(account, requestId);
  if (!run) throw new Error('There is no such run, or it has expired.');
  const leftMs = Math.min(run.deadlineAtMs - ports.clock() - RESERVE_MS, LONGEST_CALL_MS);
  const claim = await runs.claim(position, Math.max(0, leftMs) + LEASE_MARGIN_MS);
  if ('output' in claim) return claim.output;
  const { call, plan } = restoredCall(run, claim.progress, ports.configuration);
  const done = await runs.result(account, requestId);
  if (done) return ended(ports, position, claim.owner, run, call, done);

  const lifetime = startLifetime(Math.max(1, leftMs), callerSignal);
  try {
    const outcome = await callStep(ports, position, run, call, plan, lifetime.signal);
    const next = outcome.verdict === 'answered' ? undefined : continuation(ports, position, run, call, outcome);
    if (next) {
      await releaseStep(ports, call);
      await runs.finish(position, claim.owner, next, progressOf(call));
      return next;
    }
    const result = resultOf(ports, call, position.step, outcome);
    await runs.putResult(account, requestId, result);
    return await ended(ports, position, claim.owner, run, call, result);
  } catch (thrown) {
    // Whoever tries the step again need not wait for the lease to end.
    await runs.giveUp(position, claim.owner).catch(() => {});
    throw thrown;
  } finally {
    lifetime.end();
  }
}

async function callStep(
  ports: AttemptTaskPorts,
  { kind, step }: RunPosition,
  run: StoredRun,
  call: Call,
  plan: Plan,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const caller = kind === 'job' ? await ports.callerNow(run) : run.caller;
  if (!caller) {
    const thrown = new GatewayError('invalid_api_key', 'The key that started this job has been revoked since.');
    return { verdict: 'refused', thrown };
  }
  call.caller = caller;
  const { request } = run;
  return visitStep(ports, { call, request, plan, deadlineAtMs: run.deadlineAtMs - RESERVE_MS, signal }, step);
}

/** Where the machine goes on; undefined when the plan has come to its end. */
function continuation(
  { clock }: AttemptTaskPorts,
  position: RunPosition,
  { deadlineAtMs }: StoredRun,
  call: Call,
  outcome: Exclude<StepOutcome, { verdict: 'answered' }>,
): RunPosition | undefined {
  const visit = position.visit + 1;
  if (outcome.verdict === 'retry') {
    return { ...position, visit, step: outcome.next, waitSeconds: Math.ceil(outcome.waitMs / 1_000) };
  }
  const isWorthAnotherRound = outcome.verdict === 'exhausted' && failureOf(outcome.thrown)?.failureClass !== 'key';
  if (position.kind === 'chat' || !isWorthAnotherRound) return undefined;
  const round = Math.ceil(visit / Math.max(1, call.plan?.steps.length ?? 1));
  const waitMs = nextRoundMs(round, Math.random());
  if (clock() + waitMs + RESERVE_MS >= deadlineAtMs) return undefined;
  return { ...position, visit, step: 0, waitSeconds: Math.ceil(waitMs / 1_000) };
}

function resultOf({ clock }: AttemptTaskPorts, call: Call, stepIndex: number, outcome: StepOutcome): StoredResult {
  const result = { progress: progressOf(call), stepIndex, endedAtMs: clock(), costMicroDollars: 0 };
  if (outcome.verdict !== 'answered') return { ...result, failure: storedFailure(outcome.thrown) };
  const { answer, request, step } = outcome;
  if (answer.kind !== 'complete') throw new Error('A run is never streamed.');
  const { text, facts, usage } = answer;
  const costMicroDollars = costOf(usage, step.model.price);
  return { ...result, costMicroDollars, answer: { text, facts, usage, maxTokens: request.maxTokens } };
}

/** Settles a job, and tells the machine that there is a result. A chat is settled by the process that waits for it. */
async function ended(
  ports: AttemptTaskPorts,
  position: RunPosition,
  owner: string,
  run: StoredRun,
  call: Call,
  result: StoredResult,
): Promise<RunOutput> {
  if (position.kind === 'job') await ports.settleJob(settled(call, run, result));
  const output: RunOutput = {
    ...position,
    verdict: result.answer ? 'answered' : 'failed',
    notify: run.webhook !== undefined,
  };
  await ports.runs[position.kind].finish(position, owner, output, result.progress);
  return output;
}

/** The call as its usage event tells of it. */
function settled(call: Call, run: StoredRun, { progress, stepIndex, answer, failure }: StoredResult): Call {
  Object.assign(call, progress);
  const step = call.plan?.steps[stepIndex];
  if (step && call.attempts > 0) call.step = step;
  if (answer) {
    call.usage = answer.usage;
    call.finishReason = answer.facts.finishReason;
    call.outcome = 'answered';
  } else if (failure) {
    call.outcome = 'failed';
    call.errorCode = failure.code;
    const thrown = restoredFailure(failure);
    if (call.attempts > 0 && thrown instanceof ProviderFailure && mayBeBilled(thrown)) {
      call.usage = estimatedUsage(estimateInputTokens(run.request.body), 0);
    }
  }
  return call;
}
