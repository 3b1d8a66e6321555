import { stem } from '../stem.ts';
import { AUDIENCE_WORDS, SCOPE_WORDS } from '../words.ts';
import { areEqual, membersIn, type Veto } from './veto.ts';

/** All or some, first or last, the largest or the smallest, for adults or for children. */
export const differInScope: Veto = ({ one, other }) => !areEqual(scopeOf(one.words), scopeOf(other.words));

const SAME: Readonly<Record<string, string>> = {
  tallest: 'highest',
  biggest: 'largest',
  greatest: 'largest',
  latest: 'newest',
};

function scopeOf(words: readonly string[]): Set<string> {
  return new Set(
    [...membersIn(words, SCOPE_WORDS), ...membersIn(words, AUDIENCE_WORDS)].map((word) => stem(SAME[word] ?? word)),
  );
}
