import { areForms } from './language.ts';
import { type ContentWord, NUMBER_SIGN, type Prompt } from './prompt.ts';
import { areSynonyms } from './synonyms.ts';

/** Which content words of two prompts answer to each other, and which are left over. */
export interface Alignment {
  one: Prompt;
  other: Prompt;
  /** Pairs of places in `one.content` and `other.content`. */
  pairs: readonly (readonly [number, number])[];
  /** How many of the pairs are the same stem, not only synonyms. */
  exact: number;
  /** Content words, frame and light ones left out, that nothing answers to. */
  leftOne: readonly ContentWord[];
  leftOther: readonly ContentWord[];
  /** How many frame words, and how many light ones on each side, nothing answers to. */
  leftFrame: number;
  lightOne: number;
  lightOther: number;
}

/** Numbers are compared as such, since one may be written in several words. */
function isNumber({ stem }: ContentWord): boolean {
  return stem.startsWith(NUMBER_SIGN);
}

/** Long texts with more words to compare than this have nothing to do with each other; short ones never have as many. */
export const MOST_COMPARISONS = 4_000;

/** Pairs equal stems first, then what means the same; each word once. */
export function align(one: Prompt, other: Prompt): Alignment {
  const exactly = pairUp(one.content, other.content, (a, b) => a.stem === b.stem);
  const isForm = one.language === 'en' && other.language === 'en' ? areSynonyms : areForms;
  const areFew = exactly.restOne.length * exactly.restOther.length <= MOST_COMPARISONS;
  const alike = areFew ? pairUp(exactly.restOne, exactly.restOther, (a, b) => isForm(a.stem, b.stem)) : undefined;
  const { restOne, restOther } = alike ?? exactly;
  const placesOne = new Map(one.content.map((word, place) => [word, place]));
  const placesOther = new Map(other.content.map((word, place) => [word, place]));
  const pairs = [...exactly.pairs, ...(alike?.pairs ?? [])].map(
    ([a, b]) => [placesOne.get(a) ?? 0, placesOther.get(b) ?? 0] as const,
  );
  const isSaid = (word: ContentWord, there: Prompt) => there.stems.has(word.stem) || there.words.includes(word.word);
  const left = (rest: readonly ContentWord[], there: Prompt) =>
    rest.filter((word) => !word.isFrame && !isNumber(word) && !isSaid(word, there));
  const [unansweredOne, unansweredOther] = [left(restOne, other), left(restOther, one)];
  return {
    one,
    other,
    pairs: pairs.sort(([a], [b]) => a - b),
    exact: exactly.pairs.length,
    leftOne: unansweredOne.filter(({ isLight }) => !isLight),
    leftOther: unansweredOther.filter(({ isLight }) => !isLight),
    lightOne: unansweredOne.filter(({ isLight }) => isLight).length,
    lightOther: unansweredOther.filter(({ isLight }) => isLight).length,
    leftFrame: restOne.filter(({ isFrame }) => isFrame).length + restOther.filter(({ isFrame }) => isFrame).length,
  };
}

/** Gives each word of the one side the first free word of the other that is the same; the rest finds none. */
function pairUp(
  one: readonly ContentWord[],
  other: readonly ContentWord[],
  isSame: (a: ContentWord, b: ContentWord) => boolean,
): { pairs: [ContentWord, ContentWord][]; restOne: ContentWord[]; restOther: ContentWord[] } {
  const restOther = [...other];
  const pairs: [ContentWord, ContentWord][] = [];
  const restOne = one.filter((word) => {
    const place = restOther.findIndex((candidate) => isSame(word, candidate));
    if (place === -1) return true;
    pairs.push([word, ...restOther.splice(place, 1)] as [ContentWord, ContentWord]);
    return false;
  });
  return { pairs, restOne, restOther };
}
