import { areForms } from './language.ts';
import type { ContentWord, Prompt } from './prompt.ts';
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

/** Pairs equal stems first, then what means the same; each word once. */
export function align(one: Prompt, other: Prompt): Alignment {
  const taken = new Set<number>();
  const pairs: [number, number][] = [];
  const isForm = one.language === 'en' && other.language === 'en' ? areSynonyms : areForms;
  const pairUp = (isSame: (a: ContentWord, b: ContentWord) => boolean) => {
    for (const [index, word] of one.content.entries()) {
      if (pairs.some(([paired]) => paired === index)) continue;
      const found = other.content.findIndex((candidate, place) => !taken.has(place) && isSame(word, candidate));
      if (found === -1) continue;
      taken.add(found);
      pairs.push([index, found]);
    }
  };
  pairUp((a, b) => a.stem === b.stem);
  const exact = pairs.length;
  pairUp((a, b) => isForm(a.stem, b.stem));
  const pairedOne = new Set(pairs.map(([index]) => index));
  const restOne = one.content.filter((_, index) => !pairedOne.has(index));
  const restOther = other.content.filter((_, index) => !taken.has(index));
  const isSaid = (word: ContentWord, there: Prompt) => there.stems.has(word.stem) || there.words.includes(word.word);
  const left = (rest: readonly ContentWord[], there: Prompt) =>
    rest.filter((word) => !word.isFrame && !isSaid(word, there));
  const [unansweredOne, unansweredOther] = [left(restOne, other), left(restOther, one)];
  return {
    one,
    other,
    pairs: pairs.sort(([a], [b]) => a - b),
    exact,
    leftOne: unansweredOne.filter(({ isLight }) => !isLight),
    leftOther: unansweredOther.filter(({ isLight }) => !isLight),
    lightOne: unansweredOne.filter(({ isLight }) => isLight).length,
    lightOther: unansweredOther.filter(({ isLight }) => isLight).length,
    leftFrame: restOne.filter(({ isFrame }) => isFrame).length + restOther.filter(({ isFrame }) => isFrame).length,
  };
}
