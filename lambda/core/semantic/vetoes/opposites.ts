import type { Alignment } from '../alignment.ts';
import { stem } from '../stem.ts';
import { areOpposites } from '../synonyms.ts';
import type { Veto } from './veto.ts';

/** One has a word whose opposite the other has instead. */
export const haveOpposites: Veto = ({ one, other, leftOne, leftOther }: Alignment) => {
  const mine = one.words.filter((word) => !other.words.includes(word)).map(stem);
  const yours = other.words.filter((word) => !one.words.includes(word)).map(stem);
  const stemsOfOne = new Set(one.words.map(stem));
  const stemsOfOther = new Set(other.words.map(stem));
  return (
    mine.some((a) => !stemsOfOther.has(a) && yours.some((b) => !stemsOfOne.has(b) && areOpposites(a, b))) ||
    leftOne.some(({ stem: a }) => leftOther.some(({ stem: b }) => areOpposites(a, b)))
  );
};
