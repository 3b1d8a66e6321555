import { setTimeout as pause } from 'node:timers/promises';
import type { Plan } from '../core/chain.ts';
import { type PlanRun, type StepOutcome, type VisitPorts, visitStep } from './visit-step.ts';

export type Answered = StepOutcome & { verdict: 'answered' };

/** Where a plan stands: the step to take next, after how long a wait, and how much of that the provider asked for. */
export interface Continuation {
  next: number;
  waitMs: number;
  askedMs: number;
}

/** A first retry is worth making at once: most failures are a single connection's. */
const QUICK_RETRY_MS = { least: 150, spread: 150 };

/** Makes the first call of a plan that can be made. Throws when it failed and nothing follows. */
export async function startPlan(ports: VisitPorts, run: PlanRun): Promise<Answered | Continuation> {
  let outcome = await visitStep(ports, run, 0);
  // Models that cannot be called are passed by on the spot: only a call that failed is worth more.
  while (outcome.verdict === 'retry' && run.call.attempts === 0) outcome = await visitStep(ports, run, outcome.next);
  return outcome.verdict === 'answered' ? outcome : continuationOf(outcome);
}

/**
 * Runs the rest of a plan in this process until a model answers. Throws the last failure when none does, or the signal's
 * reason when the request ends while waiting.
 */
export async function continuePlan(ports: VisitPorts, run: PlanRun, from: Continuation): Promise<Answered> {
  let standing = from;
  for (let waits = 0; ; waits++) {
    await waitFor(quicker(standing, run.plan, waits), run.signal);
    const outcome = await visitStep(ports, run, standing.next);
    if (outcome.verdict === 'answered') return outcome;
    standing = continuationOf(outcome);
  }
}

function continuationOf(outcome: Exclude<StepOutcome, { verdict: 'answered' }>): Continuation {
  const askedMs = (outcome.failure.retryAfterSeconds ?? 0) * 1_000;
  if (outcome.verdict === 'retry') return { next: outcome.next, waitMs: outcome.waitMs, askedMs };
  throw outcome.thrown;
}

/** The first retry of the first model waits less than its backoff, but as long as the provider asks for. */
function quicker({ next, waitMs, askedMs }: Continuation, { steps }: Plan, waits: number): number {
  const isFirstRetry = waits === 0 && next === 1 && steps[1]?.modelId === steps[0].modelId;
  if (!isFirstRetry) return waitMs;
  return Math.min(waitMs, Math.max(askedMs, QUICK_RETRY_MS.least + Math.random() * QUICK_RETRY_MS.spread));
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  await pause(milliseconds, undefined, { signal }).catch(() => {
    throw signal.reason;
  });
}
