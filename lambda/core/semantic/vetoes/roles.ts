import type { Alignment } from '../alignment.ts';
import { actsOnAsker, askedRole, directionOf, mayTakePart, whoCan } from '../clause.ts';
import type { ContentWord, Prompt } from '../prompt.ts';
import { stem } from '../stem.ts';
import { unitIn } from '../units.ts';
import { areEqual, type Veto } from './veto.ts';

/** The same words in other roles: "from A to B" and "from B to A", "does A beat B" and "does B beat A". */
export const differInRoles: Veto = (alignment) =>
  exchangeObjects(alignment) ||
  exchangePlaces(alignment) ||
  exchangeSides(alignment) ||
  exchangeUnits(alignment) ||
  askForAnotherRole(alignment) ||
  exchangeWithAsker(alignment) ||
  askWhetherOthersCan(alignment) ||
  turnAround(alignment) ||
  reorders(alignment);

const PREPOSITIONS = [
  'from',
  'to',
  'than',
  'before',
  'after',
  'without',
  'instead',
  'over',
  'near',
  'above',
  'below',
  'while',
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
  return new Set(
    content
      .filter((word) => !word.isFrame && (SAME_PREPOSITION[word.preposition ?? ''] ?? word.preposition) === preposition)
      .map(({ stem }) => stem),
  );
}

const SAME_PREPOSITION: Readonly<Record<string, string>> = { into: 'to', onto: 'to', towards: 'to', toward: 'to' };

/** "Pounds to kilograms" and "kilograms to pounds", "how many ounces are a pound" and "how many pounds are an ounce". */
function exchangeUnits({ one, other }: Alignment): boolean {
  if (one.units.size < 2 || !areEqual(one.units, other.units)) return false;
  const [mine, yours] = [one, other].map(wantedUnit);
  return mine !== undefined && yours !== undefined && mine !== yours;
}

/** The unit that a conversion asks for: what is counted, or what stands last behind "to" or "in". */
function wantedUnit({ words }: Prompt): string | undefined {
  const counted = words.flatMap((word, index) => (word === 'many' ? [unitIn(words[index + 1] ?? '', '0')] : []));
  const target = words.flatMap((word, index) => (TO.has(word) ? [unitIn(words[index + 1] ?? '', '0')] : []));
  return counted[0] ?? target.findLast((unit) => unit !== undefined);
}

const TO = new Set(['to', 'into', 'in', 'as']);

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
 * "Why did the bank buy the insurer" and "why was the bank bought by the insurer": of two words the one acts on the other here, and the
 * other on the one there. Side by side ("password reset", "reset the password") they are one thing.
 */
function exchangeSides({ one, other, pairs }: Alignment): boolean {
  // What is compared may stand on either side.
  if (one.questions.includes('comparison') && other.questions.includes('comparison')) return false;
  const free = pairs.filter(([a, b]) => mayTakePart(one.content[a]) && mayTakePart(other.content[b]));
  if (free.length > MOST_IN_A_CLAUSE) return false;
  return free.some(([left, leftThere], first) =>
    free
      .slice(first + 1)
      .some(([right, rightThere]) => directionOf(one, left, right) * directionOf(other, leftThere, rightThere) < 0),
  );
}

/** Longer texts have many clauses, and one order of words: `reorders` sees to them. */
const MOST_IN_A_CLAUSE = 60;

/** "Who hired the manager" and "who did the manager hire": the one asks who acts, the other who is acted on. */
function askForAnotherRole({ one, other, pairs, leftOne, leftOther }: Alignment): boolean {
  if (leftOne.length + leftOther.length > 0 || pairs.length < 2) return false;
  const [here, there] = [askedRole(one), askedRole(other)];
  return here !== undefined && there !== undefined && here !== there;
}

/** "Can my boss call me" and "can I call my boss": who asks acts here, and is acted on there. */
function exchangeWithAsker({ one, other }: Alignment): boolean {
  const [isHere, isThere] = [actsOnAsker(one), actsOnAsker(other)];
  if (isHere === isThere) return false;
  const [mine, yours] = [one, other].map(({ text }) => /\b(?:i|we)\b/.test(text));
  return isHere ? !mine && yours === true : mine === true && !yours;
}

/** "Can plants hear" and "can we hear plants": the subject here is something else than who asks there. */
function askWhetherOthersCan({ one, other }: Alignment): boolean {
  const [here, there] = [whoCan(one), whoCan(other)];
  if (here === undefined || there === undefined) return false;
  const [isHere, isThere] = [here, there].map((word) => word === 'i' || word === 'we');
  if (isHere === isThere) return false;
  return (isHere ? one : other).stems.has(stem(isHere ? there : here));
}

/** "A letter for my sister" and "a letter from my sister", with all else answered. */
function turnAround({ one, other, pairs, leftOne, leftOther }: Alignment): boolean {
  if (leftOne.length + leftOther.length > 0 || /\b(?:far|distance|between)\b/.test(`${one.text} ${other.text}`))
    return false;
  return pairs.some(([a, b]) => {
    const both = [one.content[a]?.preposition, other.content[b]?.preposition];
    return both.includes('from') && (both.includes('for') || both.includes('to'));
  });
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
