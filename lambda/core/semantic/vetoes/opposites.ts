import { MOST_COMPARISONS } from '../alignment.ts';
import { stem } from '../stem.ts';
import { areOpposites } from '../synonyms.ts';
import type { Veto } from './veto.ts';

/** One has a word whose opposite the other has instead. */
export const haveOpposites: Veto = ({ one, other }) => {
  const [these, those] = [one, other].map(({ words }) => new Set(words.map(stem))) as [Set<string>, Set<string>];
  const mine = [...these].filter((word) => !those.has(word));
  const yours = [...those].filter((word) => !these.has(word));
  if (mine.length * yours.length > MOST_COMPARISONS) return false;
  return mine.some((a) => yours.some((b) => areOpposites(a, b)));
};
