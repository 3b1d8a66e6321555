import { stem } from '../stem.ts';
import { AUDIENCE_WORDS, SCOPE_WORDS } from '../words.ts';
import { areEqual, membersIn, type Veto } from './veto.ts';

/** All or some, first or last, the largest or the smallest, for adults or for children; in this order or in that. */
export const differInScope: Veto = ({ one, other }) =>
  scopeOf(one.words).join() !== scopeOf(other.words).join() ||
  !areEqual(membersIn(one.words.map(stem), AUDIENCES), membersIn(other.words.map(stem), AUDIENCES)) ||
  differInSex(one.words, other.words);

/** "He" here and "she" there. */
function differInSex(one: readonly string[], other: readonly string[]): boolean {
  const [here, there] = [one, other].map((words) => [HIM, HER].map((set) => words.some((word) => set.has(word))));
  return (
    (here?.[0] === true && there?.[1] === true && !there[0]) || (here?.[1] === true && there?.[0] === true && !here[0])
  );
}

const HIM = new Set(['he', 'him', 'his', 'himself']);
const HER = new Set(['she', 'her', 'hers', 'herself']);

const AUDIENCES = new Set([...AUDIENCE_WORDS].map(stem));

const SAME: Readonly<Record<string, string>> = {
  tallest: 'highest',
  biggest: 'largest',
  greatest: 'largest',
  latest: 'newest',
};

function scopeOf(words: readonly string[]): string[] {
  return words.filter((word) => SCOPE_WORDS.has(word)).map((word) => stem(SAME[word] ?? word));
}
