import type { Choice, NotTaken } from './choose-model.ts';
import type { TaskReading } from './read-task.ts';

/** Why each model was not taken, in words. */
const REASONS: Readonly<Record<NotTaken['reason'], string>> = {
  not_configured: 'It is not among the models of this gateway.',
  not_allowed: 'This key may not use it.',
  price_ceiling: 'Its price is above maxCostPer1MTokens.',
  budget: 'The answer can cost more than is left of the budget.',
  region: 'Its provider does not compute in the region asked for.',
  no_key: 'The gateway has no key for its provider.',
  circuit_open: 'It does not answer at present.',
  lacks_input: 'It does not read what the request carries.',
  lacks_tools: 'It calls no functions.',
  lacks_json_schema: 'It keeps to no JSON schema.',
  lacks_context: 'The request is longer than it can read.',
  dominated: 'Another one that fits costs no more and is no worse in this class.',
  below_tolerance: 'Its expected quality is further below the best than the policy allows.',
  costs_more: 'The one taken is as good within the tolerance and costs less.',
  slower: 'The one taken is as good within the tolerance and answers faster.',
  lower_quality: 'The one taken is better, or as good and cheaper.',
  topic: 'A model for the topic goes first.',
  conversation: 'The conversation stays with the model that has it in its prompt cache.',
  split: 'This conversation is in the share that the policy sends to another model.',
};

export function reasonText({ reason }: NotTaken): string {
  return REASONS[reason];
}

/** A choice in one sentence or two. */
export function reasoningOf(reading: TaskReading, choice: Choice, policy: string): string {
  const { taskClass, confidence, complexity, topic } = reading;
  const what = `${taskClass} (confidence ${confidence.toFixed(2)}), complexity ${complexity}`;
  const moved = choice.movedBecause ? ` The conversation moved: ${movedText(choice)}.` : '';
  return `${what}: ${becauseText(choice, policy, topic)}${moved}`;
}

function becauseText({ taken, because }: Choice, policy: string, topic = ''): string {
  const quality = taken.expectedQuality === undefined ? '' : ` (expected quality ${taken.expectedQuality.toFixed(3)})`;
  const model = `${taken.modelId}${quality}`;
  if (because === 'topic') return `${model} is for ${topic}.`;
  if (because === 'conversation') return `${model} answered this conversation before, is healthy and suits the task.`;
  if (because === 'split') return `${model} answers the share of policy ${policy} that is split off.`;
  if (because === 'fixed') return `${model} is the model of policy ${policy}.`;
  const which = { price: 'the cheapest', quality: 'the best', speed: 'the fastest' }[because];
  return `${model} is ${which} of those within the tolerance of policy ${policy}.`;
}

function movedText({ movedBecause }: Choice): string {
  return movedBecause === 'unsuited' ? 'another model is expected to be much better' : `${movedBecause}`;
}

/** The same in short, for a header: ASCII, a few words. */
export function shortReason(
  { taskClass, confidence, complexity, topic }: TaskReading,
  choice: Choice,
  policy: string,
): string {
  const parts = [taskClass, confidence.toFixed(2), complexity, policy, choice.because];
  if (choice.because === 'topic' && topic !== undefined) parts.push(topic);
  if (choice.movedBecause) parts.push(`moved ${choice.movedBecause}`);
  return parts.join('; ').replace(/[^\x20-\x7e]/g, '?');
}
