import { setTimeout as pause } from 'node:timers/promises';
import type { Step } from '../core/chain.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-body.ts';
import { progressOf, restoredFailure, type StoredResult, storedRun } from './run.ts';
import { type Answered, type Continuation, continuePlan } from './run-plan.ts';
import type { FallbackRunner, RunPosition, Runs } from './run-ports.ts';
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
  const stored = storedRun(call, request, plan, deadlineAtMs);
  const { requestId } = stored;
  const { account } = stored.caller;
  const position: RunPosition = {
    kind: 'chat',
    account,
    requestId,
    verdict: 'retry',
    waitSeconds: Math.ceil(from.waitMs / 1_000),
    step: from.next,
    visit: 0,
  };
  const isKept = await ports.chatRuns.put(stored, progressOf(call), deadlineAtMs + KEPT_AFTER_MS).then(
    () => true,
    (cause) => {
      ports.observer.settlementFailed(cause);
      return false;
    },
  );
  const outcome = isKept ? await runTo(ports, run, position) : 'not started';
  if (outcome === 'not started') return continuePlan(ports, run, from);
  signal.throwIfAborted();
  const result = await ports.chatRuns.result(account, requestId);
  if (!result) throw new GatewayError('provider_failed', 'The fallbacks ended without a result. Try again.');
  return answeredBy(result, run);
}

/** A step that is under way when its request ends has this long to keep what it reserved and used. */
const LAST_WORD_MS = 300;
const LOOK_EVERY_MS = 50;

/** Runs the machine to its end. If the request ends before, what the run has reserved is taken over, to be settled. */
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
    if (result) Object.assign(call, result.progress);
    throw thrown;
  }
}

/** Takes over what the run has gathered, and throws what it threw. */
function answeredBy(result: StoredResult, { call, request, plan }: PlanRun): Answered {
  const { progress, stepIndex, answer, failure } = result;
  const step = plan.steps[stepIndex] as Step;
  Object.assign(call, progress);
  call.step = step;
  if (!answer) throw failure ? restoredFailure(failure) : new Error('A run has no result.');
  const { text, facts, usage, maxTokens } = answer;
  return {
    verdict: 'answered',
    answer: { kind: 'complete', body: JSON.parse(text) as JsonObject, text, facts, usage },
    step,
    request: { ...request, maxTokens },
    isCounted: true,
  };
}
