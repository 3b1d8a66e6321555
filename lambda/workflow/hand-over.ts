import type { Call } from '../call.ts';
import type { Plan, Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-body.ts';
import type { FallbackRunner, RunPosition, Runs } from '../ports.ts';
import { progressOf, restoredFailure, type StoredResult, storedRun } from './run.ts';
import { type Answered, type Continuation, continuePlan } from './run-plan.ts';
import type { VisitPorts } from './visit-step.ts';

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
export async function handOver(
  ports: HandOverPorts,
  call: Call,
  request: ChatRequest,
  plan: Plan,
  from: Continuation,
  deadlineAtMs: number,
  signal: AbortSignal,
): Promise<Answered> {
  const run = storedRun(call, request, plan, deadlineAtMs);
  const { requestId } = run;
  const { account } = run.caller;
  const position: RunPosition = {
    kind: 'chat',
    account,
    requestId,
    verdict: 'retry',
    waitSeconds: Math.ceil(from.waitMs / 1_000),
    step: from.next,
    visit: 0,
  };
  const isKept = await ports.chatRuns.put(run, progressOf(call), deadlineAtMs + KEPT_AFTER_MS).then(
    () => true,
    (cause) => {
      ports.observer.settlementFailed(cause);
      return false;
    },
  );
  const outcome = isKept ? await ports.fallbackRunner.run(position, signal) : 'not started';
  if (outcome === 'not started') return continuePlan(ports, call, request, plan, from, deadlineAtMs, signal);
  signal.throwIfAborted();
  const result = await ports.chatRuns.result(account, requestId);
  if (!result) throw new GatewayError('provider_failed', 'The fallbacks ended without a result. Try again.');
  return answeredBy(result, call, request, plan);
}

/** Takes over what the run has gathered, and throws what it threw. */
function answeredBy(result: StoredResult, call: Call, request: ChatRequest, plan: Plan): Answered {
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
