import type { Alignment } from './alignment.ts';
import { actsOnAsker, haveOtherPrepositions, isAboutAddressee, tenseOf } from './clause.ts';
import type { Prompt } from './prompt.ts';
import { OPENING_PAIRS, type Opening, onlyOneNames, openingOf } from './question.ts';

/** What the score is told of the clauses of two prompts, in the order of `clauseFeaturesOf`. */
export const CLAUSE_FEATURES: readonly string[] = [
  'the same word behind another preposition',
  'past on one side only',
  'only one is about who answers',
  'only one acts on who asks',
  'only one asks how to recognise something',
  'only one asks what something is for',
  'only one asks for the kind of thing that questions ask for',
  'unit on one side only',
  'words repeated on one side only',
  'only one asks for an explanation, and the other for a work',
  'only one is about what the asker has',
  'only one makes somebody do something',
  'only one ends with a preposition',
  ...OPENING_PAIRS.map((pair) => `openings: ${pair.join(', ')}`),
];

/** How two prompts differ in what their clauses say of whom and when, and ask for: 1 where they do, 0 where not. */
export function clauseFeaturesOf({ one, other, pairs }: Alignment): number[] {
  const differences = [
    pairs.some(([a, b]) => haveOtherPrepositions(one.content[a], other.content[b])),
    differInTense(one, other),
    isAboutAddressee(one) !== isAboutAddressee(other),
    actsOnAsker(one) !== actsOnAsker(other),
    one.questions.includes('recognition') !== other.questions.includes('recognition'),
    one.questions.includes('purpose') !== other.questions.includes('purpose'),
    onlyOneNames(one.questions, other.questions),
    one.units.size !== other.units.size,
    repetitions(one) !== repetitions(other),
    explainsOrMakes(one, other),
    hasOwn(one) !== hasOwn(other),
    isCausative(one) !== isCausative(other),
    endsWithPreposition(one) !== endsWithPreposition(other),
    ...openings(openingOf(one.text), openingOf(other.text)),
  ];
  return differences.map((differs) => (differs ? 1 : 0));
}

/** For each pair of openings whether it is that of the two texts, in either order. */
function openings(one: Opening, other: Opening): boolean[] {
  return OPENING_PAIRS.map(
    ([first, second]) => (one === first && other === second) || (one === second && other === first),
  );
}

/** One asks what was, and the other what is. */
function differInTense(one: Prompt, other: Prompt): boolean {
  const [here, there] = [tenseOf(one.words), tenseOf(other.words)];
  return here !== undefined && there !== undefined && here !== there;
}

/** How many of the content words stand in the text more than once. */
function repetitions({ content, stems }: Prompt): number {
  return content.length - stems.size;
}

const EXPLAINS = /\b(?:explain|describe|what does)\b|^how (?:do|can|should|to)\b|\b(?:way|steps?) (?:to|of|for)\b/;
const MAKES = /^(?:please )?(?:write|create|implement|generate|compose|draft|build)\b|\bfunction\b/;

/** "How do I write a letter" and "write a letter". */
function explainsOrMakes({ text: one }: Prompt, { text: other }: Prompt): boolean {
  const [here, there] = [EXPLAINS.test(one), EXPLAINS.test(other)];
  return here !== there && MAKES.test(here ? other : one);
}

function hasOwn({ words }: Prompt): boolean {
  return words.includes('my') || words.includes('our');
}

/** "How do I get a friend to forgive me": somebody else is to act. */
function isCausative({ text }: Prompt): boolean {
  return /\b(?:get|tell|ask|convince|persuade|force|teach) (?:(?:my|an?|the|your|some) )?[\p{L}-]+ (?:not )?to \p{L}|\b(?:somebody|someone|others)\b/u.test(
    text,
  );
}

function endsWithPreposition({ words }: Prompt): boolean {
  return /^(?:in|on|for|with|of|from|about|at|to)$/.test(words.at(-1) ?? '');
}
