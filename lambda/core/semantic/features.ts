import type { Alignment } from './alignment.ts';
import { CLAUSE_FEATURES, clauseFeaturesOf } from './clause-features.ts';
import type { ContentWord, Prompt } from './prompt.ts';
import { askDifferently, onlyOneAsks, onlyOneIs } from './question.ts';

/** What the score is made from, in the order of `featuresOf`. The weights are trained for these: change both or none. */
export const FEATURES: readonly string[] = [
  'likeness of the vectors',
  'content in both',
  'content of the poorer side in both',
  'pairs of synonyms',
  'left over on both sides',
  'left over on one side only',
  'left over',
  'share left over',
  'names left over',
  'frame words left over',
  'light words left over on both sides',
  'light words left over on one side only',
  'constraint left over on one side',
  'qualifier left over on one side',
  'same letters',
  'same order',
  'same kind of question',
  'another kind of question',
  'one names its kind of question',
  'only one is answered by yes or no',
  'only one asks what something is',
  'only one asks how to do something',
  'content words',
  'other length',
  'main words differ',
  ...CLAUSE_FEATURES,
];

/** The features of two prompts, each between 0 and 1 or nearly; `likeness` is the cosine of their vectors. */
export function featuresOf(alignment: Alignment, likeness: number): number[] {
  const { one, other, pairs, exact, leftOne, leftOther, leftFrame, lightOne, lightOther } = alignment;
  const [these, those] = [one, other].map(({ content }) => content.filter(({ isFrame }) => !isFrame).length) as [
    number,
    number,
  ];
  const matched = Math.max(0, pairs.filter(([a]) => !one.content[a]?.isFrame).length);
  const left = leftOne.length + leftOther.length;
  const fewer = Math.min(leftOne.length, leftOther.length);
  const oneSided = fewer === 0 ? [...leftOne, ...leftOther] : [];
  return [
    likeness,
    share(2 * matched, these + those),
    share(matched, Math.min(these, those)),
    share(pairs.length - exact, pairs.length),
    Math.min(fewer, 4) / 4,
    Math.min(oneSided.length, 4) / 4,
    Math.min(left, 8) / 8,
    share(left, these + those),
    Math.min([...leftOne, ...leftOther].filter(({ isName }) => isName).length, 2) / 2,
    Math.min(leftFrame, 6) / 6,
    Math.min(lightOne, lightOther, 2) / 2,
    Math.min(Math.abs(lightOne - lightOther), 2) / 2,
    oneSided.some(isConstraint) ? 1 : 0,
    oneSided.some((word) => !isConstraint(word)) ? 1 : 0,
    sameTrigrams(one.text, other.text),
    sameOrder(pairs.map(([, place]) => place)),
    one.questions.some((kind) => other.questions.includes(kind)) ? 1 : 0,
    askDifferently(one.questions, other.questions) ? 1 : 0,
    onlyOneAsks(one.questions, other.questions) ? 1 : 0,
    onlyOneIs('yes or no', one.questions, other.questions) ? 1 : 0,
    one.questions.includes('definition') !== other.questions.includes('definition') ? 1 : 0,
    onlyOneIs('how to', one.questions, other.questions) ? 1 : 0,
    Math.min(these, those, 8) / 8,
    1 - share(Math.min(one.words.length, other.words.length), Math.max(one.words.length, other.words.length)),
    mainWordsDiffer(one, other, leftOne, leftOther) ? 1 : 0,
    ...clauseFeaturesOf(alignment),
  ];
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole);
}

/** "with kids", "in German", "for beginners": it narrows what is asked. */
function isConstraint({ preposition }: ContentWord): boolean {
  return preposition !== undefined && preposition !== 'of';
}

/** The first word of the subject is mostly what is to be done. */
function mainWordsDiffer(
  one: Prompt,
  other: Prompt,
  leftOne: readonly ContentWord[],
  leftOther: readonly ContentWord[],
): boolean {
  const [mine, yours] = [one, other].map(({ content }) => content.find(({ isFrame }) => !isFrame));
  return mine !== undefined && yours !== undefined && leftOne.includes(mine) && leftOther.includes(yours);
}

/** Twice the common trigrams of letters by the number of both (Dice 1945). */
function sameTrigrams(one: string, other: string): number {
  const [these, those] = [one, other].map(trigrams) as [Set<string>, Set<string>];
  let common = 0;
  for (const trigram of these) if (those.has(trigram)) common++;
  return share(2 * common, these.size + those.size);
}

function trigrams(text: string): Set<string> {
  const padded = ` ${text.replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return new Set(Array.from({ length: Math.max(0, padded.length - 2) }, (_, index) => padded.slice(index, index + 3)));
}

/** The share of neighbours that stand in the same order on both sides; 1 when there are none. */
function sameOrder(places: readonly number[]): number {
  if (places.length < 2) return 1;
  const rising = places.slice(1).filter((place, index) => place > (places[index] ?? 0)).length;
  return rising / (places.length - 1);
}
