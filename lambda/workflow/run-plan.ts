import type { Plan, Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { type FailureClass, ProviderFailure } from '../core/provider-failure.ts';
import { type Answer, type AttemptPorts, attempt } from './attempt.ts';

/** Failures after which another model may do better. */
const WORTH_ANOTHER_MODEL: ReadonlySet<FailureClass> = new Set(['transient', 'model', 'key']);

/**
 * Tries the plan's models in order until one answers, telling `onAttempt` before each. Throws the last failure when none
 * does. Nothing of a failed attempt has been shown to the caller.
 */
export async function runPlan(
  ports: AttemptPorts,
  request: ChatRequest,
  plan: Plan,
  signal: AbortSignal,
  onAttempt: (step: Step) => void,
): Promise<{ answer: Answer; step: Step }> {
  let last: unknown;
  for (const step of plan.steps) {
    onAttempt(step);
    try {
      return { answer: await attempt(ports, request, step, signal), step };
    } catch (thrown) {
      last = thrown;
      if (!(thrown instanceof ProviderFailure) || !WORTH_ANOTHER_MODEL.has(thrown.failureClass)) break;
    }
  }
  throw last;
}
