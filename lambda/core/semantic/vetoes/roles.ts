import type { Alignment } from '../alignment.ts';
import type { ContentWord, Prompt } from '../prompt.ts';
import type { Veto } from './veto.ts';

/** The same words in other roles: "from A to B" and "from B to A", "does A beat B" and "does B beat A". */
export const differInRoles: Veto = (alignment) =>
  exchangeObjects(alignment) || exchangePlaces(alignment) || exchangeSides(alignment) || reorders(alignment);

const PREPOSITIONS = [
  'from',
  'to',
  'into',
  'than',
  'before',
  'after',
  'without',
  'instead',
  'over',
  'near',
  'above',
  'below',
];

/** A preposition has one word behind it here and another there, and both prompts have both words. */
function exchangeObjects({ one, other }: Alignment): boolean {
  return PREPOSITIONS.some((preposition) => {
    const these = objectsOf(one, preposition);
    const those = objectsOf(other, preposition);
    const mine = [...these].filter((object) => !those.has(object) && other.stems.has(object));
    const yours = [...those].filter((object) => !these.has(object) && one.stems.has(object));
    return mine.length > 0 && yours.length > 0 && !areBesideEachOther(one, mine, yours);
  });
}

/** "of TCP and UDP" is "of UDP and TCP". */
function areBesideEachOther({ words, content }: Prompt, mine: readonly string[], yours: readonly string[]): boolean {
  const joined = new Set(['and', 'or', 'versus', '&']);
  return content.some((word, index) => {
    const next = content[index + 1];
    if (!next || !joined.has(next.before)) return false;
    const both = [word.stem, next.stem];
    return words.length > 0 && mine.some((stem) => both.includes(stem)) && yours.some((stem) => both.includes(stem));
  });
}

function objectsOf({ content }: Prompt, preposition: string): Set<string> {
  return new Set(content.filter((word) => !word.isFrame && word.preposition === preposition).map(({ stem }) => stem));
}

/** All words answer to each other, and exchanging two of them makes one order of the other. */
function exchangePlaces({ one, other, pairs, leftOne, leftOther }: Alignment): boolean {
  if (leftOne.length + leftOther.length > 0 || !areWordedAlike(one, other)) return false;
  const order = pairs
    .filter(([a, b]) => !one.content[a]?.isFrame && !other.content[b]?.isFrame)
    .map(([, place]) => place);
  const sorted = [...order].sort((a, b) => a - b);
  const moved = order.flatMap((place, index) => (place === sorted[index] ? [] : [index]));
  if (moved.length !== 2) return false;
  const [first = 0, second = 0] = moved;
  if (second === first + 1) return false;
  const words = one.content.filter((word) => !word.isFrame);
  return !isJoined(words[first], words.slice(first + 1, second + 1));
}

/**
 * "Why did the bank buy the insurer" and "why was it that the insurer bought the bank": two words have exchanged their sides,
 * with something between them. Side by side ("password reset", "reset the password") they are one thing.
 */
function exchangeSides({ one, other, pairs }: Alignment): boolean {
  // What is compared may stand on either side.
  if (one.questions.includes('comparison') && other.questions.includes('comparison')) return false;
  const free = pairs.filter(
    ([a, b]) => !one.content[a]?.isFrame && isSubjectOrObject(one.content[a]) && isSubjectOrObject(other.content[b]),
  );
  return free.some((left, first) =>
    free.slice(first + 1).some((right) => right[0] - left[0] >= 2 && left[1] - right[1] >= 2),
  );
}

/** Not "in Python", not "by bees": those may stand anywhere. */
function isSubjectOrObject(word: ContentWord | undefined): boolean {
  return word !== undefined && (word.preposition === undefined || word.preposition === 'of');
}

/** Whole sentences of the same words in another order: who did what to whom can no longer be told. */
function reorders({ one, other, pairs }: Alignment): boolean {
  const order = pairs.filter(([a]) => !one.content[a]?.isFrame).map(([, place]) => place);
  if (order.length < MANY_WORDS || !areWordedAlike(one, other)) return false;
  return order.some((place, index) => index > 0 && place < (order[index - 1] ?? 0));
}

/** In so many words more than one thing is said. */
const MANY_WORDS = 8;

/** A sentence turned into the passive, or a noun made of its verb, keeps the roles and moves the words. */
function areWordedAlike(one: Prompt, other: Prompt): boolean {
  const common = one.words.filter((word) => other.words.includes(word)).length;
  return common >= 0.8 * Math.max(one.words.length, other.words.length);
}

function isJoined(word: ContentWord | undefined, others: readonly ContentWord[]): boolean {
  return word !== undefined && others.some(({ before }) => before === 'and' || before === 'or' || before === 'versus');
}
