import { totalOutputTokens } from '../../lambda/core/usage.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { USAGE } from './answers.ts';
import type { Fault } from './fault.ts';
import type { Ending } from './judge.ts';
import type { Observation } from './run-cell.ts';

/** Micro-dollars of a good answer: 9 tokens in at $1 a million and 60 out at $10. */
const COST_OF_ANSWER = USAGE.prompt_tokens + USAGE.completion_tokens * 10;

/** What is wrong with what was written down about the request. */
export function* ledgerProblems(fault: Fault, ending: Ending, observation: Observation): Generator<string> {
  const { usageEvents, models, received } = observation;
  const [event] = usageEvents;
  if (!event || usageEvents.length !== 1) {
    yield `there are ${usageEvents.length} usage events`;
  } else if (ending === 'primary' || ending === 'secondary') {
    yield* problemsOfAnswered(event, models[ending], fault.isUsageEstimated ?? false);
  } else if (ending === 'broken') {
    yield* problemsOfBroken(event, (received?.documents.length ?? 0) - 1);
  } else if (event.outcome !== 'failed' && event.outcome !== 'rejected') yield `the event says ${says(event)}`;
}

function* problemsOfAnswered(event: UsageEvent, model: string, isEstimated: boolean): Generator<string> {
  const { outcome, usage, costMicroDollars } = event;
  if (outcome !== 'answered' || event.model !== model) yield `the event says ${says(event)}`;
  if (usage.estimated !== isEstimated) yield `the event's usage is estimated: ${usage.estimated}`;
  const isRight = isEstimated ? costMicroDollars > 0 : costMicroDollars === COST_OF_ANSWER;
  if (!isRight) yield `the event's cost is ${costMicroDollars}`;
}

/** What was relayed is billed: each event holds at least one token. */
function* problemsOfBroken(event: UsageEvent, relayedEvents: number): Generator<string> {
  const tokens = totalOutputTokens(event.usage);
  if (event.outcome === 'interrupted' && tokens >= relayedEvents && event.costMicroDollars > 0) return;
  yield `the event says ${says(event)}, with ${tokens} tokens of ${relayedEvents} events`;
}

function says({ outcome, model }: UsageEvent): string {
  return `${outcome} by ${model}`;
}
