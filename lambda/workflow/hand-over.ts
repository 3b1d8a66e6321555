import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../call.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-body.ts';
import { type CallProgress, restoredFailure, type StoredResult, storedRun } from './run.ts';
import { type Answered, type Continuation, continuePlan } from './run-plan.ts';
import { type FallbackRunner, firstPosition, type RunPosition, type Runs } from './run-ports.ts';
import type { PlanRun, VisitPorts } from './visit-step.ts';

export interface HandOverPorts extends VisitPorts {
  chatRuns: Runs;
  fallbackRunner: FallbackRunner;
}

/** A run outlives its request by this, for deliveries that come late. */
const KEPT_AFTER_MS = 10 * 60_000;

/**
 * Hands the rest of a plan to a state machine and answers with what came of it, as if the plan had been run here. Where the
 * machine cannot be started, it is run here.
 */
export async function handOver(ports: HandOverPorts, run: PlanRun, from: Continuation): Promise<Answered> {
  const { call, request, plan, deadlineAtMs, signal } = run;
  const stored = storedRun(call, request, plan, deadlineAtMs, deadlineAtMs + KEPT_AFTER_MS);
  const { requestId } = stored;
  const { account } = stored.caller;
  const position = firstPosition('chat', stored, from.next, from.waitMs);
  const isKept = await ports.chatRuns.put(stored).then(
    () => true,
    (cause) => {
      ports.observer.storeFailed(cause);
      return false;
    },
  );
  const outcome = isKept ? await runTo(ports, run, position) : 'not started';
  if (outcome === 'not started') return continuePlan(ports, run, from);
  signal.throwIfAborted();
  const result = await ports.chatRuns.result(account, requestId);
  if (result) return answeredBy(result, run);
  // A machine that failed before its first step has done nothing that could be done twice.
  if (!(await ports.chatRuns.isBegun(account, requestId))) return continuePlan(ports, run, from);
  throw new GatewayError('provider_failed', 'The fallbacks ended without a result. Try again.');
}

/** A step that is under way when its request ends has this long to keep what came of it. */
const LAST_WORD_MS = 300;
const LOOK_EVERY_MS = 50;

/** Runs the machine to its end. If the request ends before, what the run has gathered is taken over for the usage event. */
async function runTo(ports: HandOverPorts, { call, signal }: PlanRun, position: RunPosition) {
  try {
    return await ports.fallbackRunner.run(position, signal);
  } catch (thrown) {
    const { account, requestId } = position;
    const giveUpAtMs = ports.clock() + LAST_WORD_MS;
    let result: StoredResult | undefined;
    while (!result && ports.clock() < giveUpAtMs) {
      result = await ports.chatRuns.result(account, requestId).catch(() => undefined);
      if (!result) await pause(LOOK_EVERY_MS);
    }
    const progress = result?.progress ?? (await ports.chatRuns.progress(account, requestId).catch(() => undefined));
    if (progress) takeOver(call, progress);
    throw thrown;
  }
}

/** What the run has gathered becomes the call's, as if it had been run here. */
function takeOver(call: Call, progress: CallProgress): void {
  const { lastFailure: _failure, isWorthAnotherRound: _round, calledModel, ...gathered } = progress;
  Object.assign(call, gathered);
  const step = call.plan?.steps.find(({ modelId }) => modelId === calledModel);
  if (step) call.step = step;
}

/** Takes over what the run has gathered, and throws what it threw. */
function answeredBy({ progress, answer, failure }: StoredResult, { call, request }: PlanRun): Answered {
  takeOver(call, progress);
  const { step } = call;
  if (!answer || !step) throw failure ? restoredFailure(failure) : new Error('A run has no result.');
  const { text, facts, usage, maxTokens } = answer;
  return {
    verdict: 'answered',
    answer: { kind: 'complete', body: JSON.parse(text) as JsonObject, text, facts, usage },
    step,
    request: { ...request, maxTokens },
    isCounted: true,
  };
}
