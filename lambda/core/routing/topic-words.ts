import { type Cues, cuesOf, eachCue } from './cues.ts';

/**
 * Words are written as cues are: they fit where a word begins, with $ only as a whole word. A task has the topic when it has a
 * certain word; or, with nothing against it, a name together with an action or the words of somebody who asks how; or a
 * subject together with an action. For a learned topic, weights find more of it.
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
  /** The topic of which the prompt model has learned weights. They weigh these words, and every word beside them. */
  learned?: string;
}

/** What a topic's words say of a normalized text. */
export interface TopicHints {
  /** The groups that have a word in it. */
  groups: ReadonlySet<WordGroup>;
  isCertain: boolean;
  /** Two of its words that tell it together. */
  hasPair: boolean;
  /** The same, with nothing against it. */
  isClearPair: boolean;
}

/** Finds the words of a topic in a normalized text. */
export function findTopicWords(text: string, words: Cues): TopicHints {
  const found = new Map<WordGroup, Set<number>>();
  let takenUntil = 0;
  eachCue(words, text, (group, at, length) => {
    const name = words.groups[group] as WordGroup;
    if (name === 'elsewhere') takenUntil = Math.max(takenUntil, at + length);
    if (name !== 'elsewhere' && at < takenUntil) return;
    const places = found.get(name);
    if (places) places.add(at);
    else found.set(name, new Set([at]));
  });
  const isPair = (one: WordGroup, other: WordGroup) => inTwoPlaces(found.get(one), found.get(other));
  const hasPair = isPair('names', 'actions') || isPair('names', 'asks') || isPair('subjects', 'actions');
  return {
    groups: new Set(found.keys()),
    isCertain: found.has('certain'),
    hasPair,
    isClearPair: hasPair && !found.has('against'),
  };
}

/** True when both are there, in two places: one word that is both, such as "plant", is not two. */
function inTwoPlaces(ones: ReadonlySet<number> = new Set(), others: ReadonlySet<number> = new Set()): boolean {
  return [...ones].some((at) => [...others].some((other) => other !== at));
}

/** In this order: phrases that mean something else are told of first. */
const WORD_GROUPS = ['elsewhere', 'certain', 'names', 'subjects', 'actions', 'asks', 'against'] as const;
type WordGroup = (typeof WORD_GROUPS)[number];

const compiled = new WeakMap<TopicWords, Cues>();

/** The words of a topic as cues, which are made once. */
export function cuesFor(words: TopicWords): Cues {
  const known = compiled.get(words);
  if (known) return known;
  const cues = cuesOf(WORD_GROUPS.map((group) => ({ group, words: words[group] })));
  compiled.set(words, cues);
  return cues;
}
