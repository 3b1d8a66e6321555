import type { Plan, Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { GatewayError } from '../core/errors.ts';
import { type FailureClass, ProviderFailure } from '../core/provider-failure.ts';
import { type Answer, type AttemptPorts, attempt } from './attempt.ts';

/** Failures after which another model may do better. */
const WORTH_ANOTHER_MODEL: ReadonlySet<FailureClass> = new Set(['transient', 'model', 'key']);

/** What happens around each attempt. */
export interface AttemptHooks {
  /** Admits the attempt, and answers with the request to send; throws a GatewayError when there is no room for it. */
  before(step: Step): Promise<ChatRequest>;
  /** The attempt failed and another model is to be tried. */
  movingOn(): Promise<void>;
}

/**
 * Tries the plan's models in order until one answers. Throws the last failure or refusal when none does. Nothing of a
 * failed attempt has been shown to the caller.
 */
export async function runPlan(
  ports: AttemptPorts,
  plan: Plan,
  signal: AbortSignal,
  hooks: AttemptHooks,
): Promise<{ answer: Answer; step: Step; request: ChatRequest }> {
  let last: unknown;
  for (const [index, step] of plan.steps.entries()) {
    try {
      if (index > 0) await hooks.movingOn();
      const request = await hooks.before(step);
      return { answer: await attempt(ports, request, step, signal), step, request };
    } catch (thrown) {
      last = thrown;
      if (!isWorthAnotherModel(thrown)) break;
    }
  }
  throw last;
}

/** A cheaper model may fit a budget that this one does not; a limit on calls holds for all. */
function isWorthAnotherModel(thrown: unknown): boolean {
  if (thrown instanceof GatewayError) return thrown.code === 'budget_exhausted';
  return thrown instanceof ProviderFailure && WORTH_ANOTHER_MODEL.has(thrown.failureClass);
}
