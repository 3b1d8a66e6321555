import { type ContentWord, NUMBER_SIGN, type Prompt } from './prompt.ts';
import { isParticiple, isPassive, TO_BE } from './voice.ts';

/** What a clause says of two of its words: 1 when the first acts on the second, -1 when it is the other way round, 0 when it says neither. */
export type Direction = -1 | 0 | 1;

/** Behind these stands what something is measured against or acts on, as behind a verb. */
const AFTER_THE_ACT: ReadonlySet<string | undefined> = new Set([undefined, 'of', 'by', 'than', 'over']);

/**
 * Which of two content words, at places in their order, acts on the other, as far as the order of the words, a passive and a few
 * prepositions show it. Words side by side are one thing ("password reset") and show nothing.
 */
export function directionOf(prompt: Prompt, first: number, second: number): Direction {
  if (first > second) return (0 - directionOf(prompt, second, first)) as Direction;
  const [one, other] = [prompt.content[first], prompt.content[second]];
  if (one?.preposition === 'on' && (other?.preposition === 'of' || other?.preposition === 'by')) return -1;
  // "For the bank's purchase of the insurer".
  const isOfPhrase = other?.preposition === 'of' && one?.preposition === 'for';
  if (one?.preposition !== undefined && one.preposition !== 'of' && !isOfPhrase) return 0;
  if (other?.preposition === 'by' && prompt.isPassive) return -1;
  if (other?.preposition === 'on') return prompt.isOfInfluence ? 1 : 0;
  return AFTER_THE_ACT.has(other?.preposition) && second - first >= 2 ? 1 : 0;
}

const ADVERB = /ly$|^(?:not|ever|also|often|always|never|still|already|usually|being|been)$/;

/**
 * Whether a question asks for who or what acts, or for whom or what is acted on: "who hired the manager", "who did the manager
 * hire"; undefined where its words do not show it.
 */
export function askedRole({ text, words }: Pick<Prompt, 'text' | 'words'>): 'acting' | 'acted on' | undefined {
  if (/\bby (?:whom|who|what)\b/.test(text)) return 'acting';
  const [, rest] = text.match(/^(?:who|whom|what|which(?: [\p{L}-]+)?|what [\p{L}-]+s) (.*)$/u) ?? [];
  if (rest === undefined) return undefined;
  if (/^(?:do|does|did)\b/.test(rest)) return 'acted on';
  if (/^(?:can|could|may|must|should|will|would)\b/.test(rest)) return undefined;
  if (/^(?:is|are|was|were|has been|have been|gets?|got)\b/.test(rest)) {
    return isParticiple(
      words.slice(words.findIndex((word) => TO_BE.has(word)) + 1).find((word) => !ADVERB.test(word)) ?? '',
    )
      ? 'acted on'
      : undefined;
  }
  return 'acting';
}

/** What a question that is answered by yes or no asks about an act: whether it can, must or should be done; undefined for others. */
export function modalityOf({ text: whole }: Pick<Prompt, 'text'>): 'can' | 'must' | 'should' | undefined {
  const text = whole.split(', ').at(-1) ?? '';
  if (
    /^(?:can|could|may)\b|^(?:is|are|am) (?:[\p{L}'-]+ ){0,4}(?:possible|allowed|permitted|able|legal|ok|okay)\b/u.test(
      text,
    )
  )
    return 'can';
  if (
    /^must\b|^(?:do|does|did) (?:[\p{L}'-]+ ){1,4}(?:need|have to)\b|^(?:is|are|am) (?:[\p{L}'-]+ ){0,5}(?:required|obliged|necessary|mandatory|obligatory|compulsory)\b/u.test(
      text,
    )
  )
    return 'must';
  if (/^(?:should|shall|ought)\b|^(?:is|would) it (?:be )?(?:a good idea|wise|advisable|better|worth)\b/.test(text))
    return 'should';
  return undefined;
}

/** A content word that may take part in an act, not one that only says where, when or with what it is done. */
export function mayTakePart(word: ContentWord | undefined): boolean {
  return word !== undefined && !word.isFrame && !word.stem.startsWith(NUMBER_SIGN);
}

/** True when something is done to the one who asks: "can my boss call me"; "tell me" and "for me" only ask. */
export function actsOnAsker({ text }: Pick<Prompt, 'text'>): boolean {
  return [...text.matchAll(/(?<![\p{L}-])([\p{L}-]+) (?:me|us)\b/gu)].some(
    ([, before = '']) => before.length > 2 && !ASKING.has(before),
  );
}

const ASKING = new Set(
  'tell give show help helps explain let lets for teach recommend suggest advise send get find make write list name remind bring lend want with offer allow allows allowed enable enables cost costs take takes can could would will please from about around near between like than and but'.split(
    ' ',
  ),
);

/** When a clause takes place, by its auxiliary verbs; undefined where they do not show it. */
export function tenseOf(words: readonly string[]): 'past' | 'present' | undefined {
  const isPast = words.some((word) => PAST.has(word));
  return isPast === words.some((word) => PRESENT.has(word)) ? undefined : isPast ? 'past' : 'present';
}

const PAST = new Set(['was', 'were', 'did', 'had']);
const PRESENT = new Set(['is', 'are', 'am', 'do', 'does', 'has', 'will']);

/** True when a question is about the one who answers: "did you learn to cook"; "how do you cook" is about anybody. */
export function isAboutAddressee({ text }: Pick<Prompt, 'text'>): boolean {
  return /(?<!how |what |where )\b(?:did|are|were|have|had|would|will) you\b|\bdid you\b|\bdo you (?:like|think|want|believe|feel|prefer|live|do|love|hate|own)\b/.test(
    text,
  );
}

/** Prepositions that hardly differ in what they make of the word behind them. */
const LIKE_PREPOSITIONS: Readonly<Record<string, string>> = {
  to: 'to',
  for: 'to',
  into: 'to',
  onto: 'to',
  toward: 'to',
  towards: 'to',
  from: 'from',
  against: 'against',
  without: 'without',
  before: 'before',
  after: 'after',
  about: 'about',
  under: 'under',
  over: 'over',
};

/** True when a word stands behind "for" here and behind "from" there. */
export function haveOtherPrepositions(one: ContentWord | undefined, other: ContentWord | undefined): boolean {
  const [here, there] = [one, other].map((word) => LIKE_PREPOSITIONS[word?.preposition ?? '']);
  return here !== undefined && there !== undefined && here !== there;
}

/** The subject of a question that asks whether somebody can do something: "i", or the word that carries it; undefined in a passive. */
export function whoCan({ text, words }: Pick<Prompt, 'text' | 'words'>): string | undefined {
  if (isPassive(words.filter((word) => word !== 'allowed' && word !== 'permitted'))) return undefined;
  const [, direct] = text.match(/^(?:can|could|may) (?:my |an? |the )?([\p{L}-]+) /u) ?? [];
  const [, allowed] = text.match(/^(?:is|are|am) (?:my |an? |the )?([\p{L}-]+) (?:able|allowed|permitted) to /u) ?? [];
  return direct ?? allowed;
}
