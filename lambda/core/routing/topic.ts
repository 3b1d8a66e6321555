import { type Cues, cuesOf, eachCue } from './cues.ts';
import { normalize } from './normalize.ts';
import type { PromptReading } from './prompt-model.ts';
import { splitPrompt } from './split-prompt.ts';
import type { Task } from './task.ts';

/** A subject that models of its own are for. */
export interface Topic {
  /** The models for it, the best first. Those that this gateway does not offer are passed over. */
  models: readonly string[];
  /** By which words it is told. A function, so that they are loaded only when something is routed. */
  words: () => Promise<TopicWords>;
}

/**
 * Words are written as cues are: they fit where a word begins, with $ only as a whole word. A task has the topic when it has a
 * certain word; or, with nothing against it, a name together with an action or the words of somebody who asks how; or a
 * subject together with an action.
 */
export interface TopicWords {
  /** Words that are said of nothing else. */
  certain: readonly string[];
  /** What it deals with, by name: `tomato`, `orchid`. */
  names: readonly string[];
  /** What it deals with, in words that are used elsewhere too: `seed`, `root`. */
  subjects: readonly string[];
  /** What is done with those: `water`, `prune`. */
  actions: readonly string[];
  /** How somebody asks who does it: `how do I`, `my`. */
  asks: readonly string[];
  /** Words that speak of something else that is done with the subjects: `recipe`. */
  against: readonly string[];
  /** Phrases that have one of the words and mean something else: `power plant`. They are taken out first. */
  elsewhere: readonly string[];
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
  cues: Cues,
): string | undefined {
  if (taskClass === 'coding' && confidence >= SURE) return undefined;
  const own = WORKS_ON_TEXT.has(taskClass) ? splitPrompt(prompt, cues).instruction : prompt;
  const said = prompt.length < SHORT_TURN_CHARACTERS ? `${previous.slice(-CHARACTERS)} ${own}` : own;
  const text = normalize(said.slice(0, CHARACTERS));
  return Object.entries(topics).find(([, topic]) => hasTopic(text, cuesFor(topic)))?.[0];
}

const SHORT_TURN_CHARACTERS = 25;

function hasTopic(text: string, words: Cues): boolean {
  const found = Object.fromEntries(words.groups.map((group) => [group, new Set<number>()]));
  let takenUntil = 0;
  eachCue(words, text, (group, at, length) => {
    const name = words.groups[group] as string;
    if (name === 'elsewhere') takenUntil = Math.max(takenUntil, at + length);
    else if (at >= takenUntil) found[name]?.add(at);
  });
  const { certain, names, subjects, actions, asks, against } = found as Record<WordGroup, Set<number>>;
  if (certain.size > 0) return true;
  if (against.size > 0) return false;
  return isPair(names, actions) || isPair(names, asks) || isPair(subjects, actions);
}

/** True when both are there, in two places: one word that is both, such as "plant", is not two. */
function isPair(ones: ReadonlySet<number>, others: ReadonlySet<number>): boolean {
  return [...ones].some((at) => [...others].some((other) => other !== at));
}

/** In this order: phrases that mean something else are told of first. */
const WORD_GROUPS = ['elsewhere', 'certain', 'names', 'subjects', 'actions', 'asks', 'against'] as const;
type WordGroup = (typeof WORD_GROUPS)[number];

/** The words of each topic as cues. */
const compiled = new WeakMap<TopicWords, Cues>();

function cuesFor(words: TopicWords): Cues {
  const known = compiled.get(words);
  if (known) return known;
  const cues = cuesOf(WORD_GROUPS.map((group) => ({ group, words: words[group] })));
  compiled.set(words, cues);
  return cues;
}

/** The words of all topics. */
export async function loadTopicWords(topics: Readonly<Record<string, Topic>>): Promise<Record<string, TopicWords>> {
  const loaded = Object.entries(topics).map(async ([name, { words }]) => [name, await words()] as const);
  return Object.fromEntries(await Promise.all(loaded));
}
