import { scores } from './linear.ts';
import { normalize } from './normalize.ts';
import type { PromptModel, PromptReading } from './prompt-model.ts';
import { splitPrompt } from './split-prompt.ts';
import type { Task } from './task.ts';
import { topicFeatures } from './topic-features.ts';
import { cuesFor, findTopicWords, type TopicWords } from './topic-words.ts';

/** A subject that models of its own are for. */
export interface Topic {
  /** The models for it, the best first. Those that this gateway does not offer are passed over. */
  models: readonly string[];
  /** By which words it is told. A function, so that they are loaded only when something is routed. */
  words: () => Promise<TopicWords>;
}

/** Of what the caller says this much is looked at. */
const CHARACTERS = 1_500;

/** From this confidence on, code is code: a program about a garden is a program. */
const SURE = 0.7;

/** Classes whose pasted text is worked on, whatever it is about: only the caller's own words tell the topic. */
const WORKS_ON_TEXT = new Set(['translation', 'summarization', 'extraction']);

/**
 * The name of the first topic that the task has; undefined for code. A short turn is read together with the one before it.
 */
export function topicOf(
  { prompt, previous }: Task,
  { taskClass, confidence }: PromptReading,
  topics: Readonly<Record<string, TopicWords>>,
  model: PromptModel,
): string | undefined {
  if (taskClass === 'coding' && confidence >= SURE) return undefined;
  const own = WORKS_ON_TEXT.has(taskClass) ? splitPrompt(prompt, model.cues).instruction : prompt;
  const said = prompt.length < SHORT_TURN_CHARACTERS ? `${previous.slice(-CHARACTERS)} ${own}` : own;
  const text = normalize(said.slice(0, CHARACTERS));
  return Object.entries(topics).find(([, topic]) => hasTopic(text, topic, model))?.[0];
}

const SHORT_TURN_CHARACTERS = 25;

/** How sure the weights must be, from 0 to 1. */
const LEARNED_SHARE = 0.6;

function hasTopic(text: string, words: TopicWords, { header, topics }: PromptModel): boolean {
  const hints = findTopicWords(text, cuesFor(words));
  const learned = words.learned === undefined ? undefined : topics.get(words.learned);
  if (hints.isCertain || hints.isClearPair) return true;
  if (!learned) return false;
  const [score = 0] = scores(learned.weights, topicFeatures(text, hints, header.topicDimensions), 1);
  return 1 / (1 + Math.exp(-score * learned.scale)) >= LEARNED_SHARE;
}

/** The words of all topics. */
export async function loadTopicWords(topics: Readonly<Record<string, Topic>>): Promise<Record<string, TopicWords>> {
  const loaded = Object.entries(topics).map(async ([name, { words }]) => [name, await words()] as const);
  return Object.fromEntries(await Promise.all(loaded));
}
