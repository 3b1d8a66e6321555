import { stem } from './stem.ts';
import { SYNONYMS } from './synonym-groups.ts';
import { SYNONYM_PAIRS } from './synonym-pairs.ts';
import wordnet from './wordnet.json' with { type: 'json' };
import { WRITTEN_OPPOSITES } from './words.ts';

interface Lexicon {
  /** The groups that a stem is in. */
  groups: ReadonlyMap<string, readonly number[]>;
  /** Stems that are derived from each other or stand for each other, and opposites, each as `one other` in alphabetical order. */
  pairs: ReadonlySet<string>;
  opposites: ReadonlySet<string>;
}

let read: Lexicon | undefined;

/** The tables, made from their texts when they are first asked for. */
function lexicon(): Lexicon {
  read ??= readLexicon();
  return read;
}

function readLexicon(): Lexicon {
  const groups = new Map<string, number[]>();
  const own = SYNONYMS.split(';').map((group) => group.trim().split(/\s+/).map(stem));
  for (const [index, group] of [...own, ...wordnet.synonyms.split(';').map((line) => line.split(' '))].entries()) {
    for (const member of group) groups.set(member, [...(groups.get(member) ?? []), index]);
  }
  const opposites = new Set(wordnet.opposites.split(';'));
  for (const [word, others] of WRITTEN_OPPOSITES)
    for (const other of others) opposites.add(pairOf(stem(word), stem(other)));
  return { groups, pairs: new Set([...wordnet.derived.split(';'), ...ownPairs()]), opposites };
}

function ownPairs(): string[] {
  return SYNONYM_PAIRS.split(';').flatMap((line) => {
    const [head = '', others = ''] = line.trim().split(': ');
    return others.split(' ').map((other) => pairOf(stem(head), stem(other)));
  });
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** True when two stems say the same often enough: they share a group, or one is derived from the other; opposites never. */
export function areSynonyms(one: string, other: string): boolean {
  if (one === other) return true;
  if (areOpposites(one, other)) return false;
  const { groups, pairs } = lexicon();
  if (pairs.has(pairOf(one, other)) || isDerived(one, other)) return true;
  const those = groups.get(other);
  return those !== undefined && (groups.get(one) ?? []).some((group) => those.includes(group));
}

/** What makes a noun or an adjective of a verb, or an adverb of an adjective, and hardly changes what is asked for. */
const DERIVING = new Set(['ion', 'ation', 'ition', 'al', 'iv', 'li', 'anc', 'enc']);

/** True for "encrypt" and "encryption", stems both: what follows the part that they share derives the one from the other. */
function isDerived(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= 5 && long.startsWith(short) && DERIVING.has(long.slice(short.length));
}

/** Beginnings that turn a word around. */
const REVERSING = ['un', 'in', 'im', 'ir', 'il', 'dis', 'non', 'de', 'anti', 'mis', 'dés', 'des'];

/** True for words that exclude each other: "enable" and "disable", "legal" and "illegal". */
export function areOpposites(one: string, other: string): boolean {
  if (lexicon().opposites.has(pairOf(one, other))) return true;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= 3 && long.endsWith(short) && REVERSING.includes(long.slice(0, -short.length));
}
