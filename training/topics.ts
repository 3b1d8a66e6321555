import { words as plantCultivation } from '../config/topics/plant-cultivation.ts';
import type { Features } from '../lambda/core/routing/features.ts';
import { normalize } from '../lambda/core/routing/normalize.ts';
import { topicFeatures } from '../lambda/core/routing/topic-features.ts';
import { cuesFor, findTopicWords, type TopicWords } from '../lambda/core/routing/topic-words.ts';
import type { Example } from './examples.ts';
import { learn, type Sample } from './learn.ts';
import { pick, seededRandom } from './random.ts';
import { readSlots, readTopicLines, type TopicLine } from './templates.ts';

/** The topics that are learned, with their texts in `text/topics/`. */
const TOPICS: readonly { file: string; words: TopicWords }[] = [
  { file: 'plant-cultivation.txt', words: plantCultivation },
];

export const TOPIC_DIMENSIONS = 16_384;
const LEARNING = { outputs: 2, dimensions: TOPIC_DIMENSIONS, epochs: 8, rate: 0.1, decay: 1e-5 };
const SEEDS = { examples: 3, learning: 5 };

/** How many examples a line becomes that names any of many plants, or has other names to fill in, or none. */
const COPIES = { subject: 8, filled: 3, plain: 2 };

/** Prompts of other kinds are many: what one of them weighs, and how many of them are taken. */
const OTHERS = { weight: 0.05, share: 0.12 };

/** The weights of each learned topic: above 0 they speak for it. */
export function learnTopics(others: readonly Example[]): { name: string; weights: Float64Array }[] {
  return TOPICS.map(({ file, words }) => {
    const learned = learn(samplesOf(readTopicLines(file), words, others), {
      ...LEARNING,
      random: seededRandom(SEEDS.learning),
    });
    const weights = Float64Array.from(
      { length: TOPIC_DIMENSIONS },
      (_, at) => (learned[at * 2 + 1] as number) - (learned[at * 2] as number),
    );
    return { name: words.learned ?? file, weights };
  });
}

function samplesOf(lines: readonly TopicLine[], words: TopicWords, others: readonly Example[]): Sample[] {
  const random = seededRandom(SEEDS.examples);
  const slots = readSlots();
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name) => pick(slots.get(name) ?? [whole], random));
  const cues = cuesFor(words);
  const hintsOf = (prompt: string) => findTopicWords(normalize(prompt), cues);
  const featuresOf = (prompt: string): Features => topicFeatures(normalize(prompt), hintsOf(prompt), TOPIC_DIMENSIONS);
  const own = lines.flatMap(({ text, isOfTopic }) => {
    const copies = copiesOf(text);
    return Array.from({ length: copies }, () => ({
      features: featuresOf(fill(text)),
      target: isOfTopic ? 1 : 0,
      weight: 1 / Math.sqrt(copies),
    }));
  });
  // Some of the other prompts may be about the topic: those that its words find are left out.
  const apart = others
    .filter(() => random() < OTHERS.share)
    .filter(({ task }) => {
      const { isCertain, isClearPair } = hintsOf(task.prompt);
      return !isCertain && !isClearPair;
    })
    .map(({ task }) => ({ features: featuresOf(task.prompt), target: 0, weight: OTHERS.weight }));
  return [...own, ...apart];
}

function copiesOf(text: string): number {
  if (text.includes('{plant')) return COPIES.subject;
  return text.includes('{') ? COPIES.filled : COPIES.plain;
}
