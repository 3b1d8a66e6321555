import { isGrammar, languageOf, withWholeVerbs } from './language.ts';
import { normalise, plain } from './normalise.ts';
import { numberIn, numbersIn } from './numbers.ts';
import { type QuestionKind, questionKinds } from './question.ts';
import { stem } from './stem.ts';
import { unitIn } from './units.ts';
import { isPassive, speaksOfInfluence } from './voice.ts';
import { FRAME_WORDS, FUNCTION_WORDS, LIGHT_WORDS, MONTHS, NEGATIONS, SCOPE_WORDS } from './words.ts';

/** A word that carries content. */
export interface ContentWord {
  /** As it stands in the normalised text. */
  word: string;
  stem: string;
  /** Belongs to the request rather than to its subject: "way", "explain". */
  isFrame: boolean;
  /** Mostly says little by itself: "get", "work", "new". */
  isLight: boolean;
  /** Written like a name: a capital where none is due, or only capitals. */
  isName: boolean;
  /** The word before it in the text, whatever it is; empty at the start. */
  before: string;
  /** The nearest preposition before it, with only articles and frame words in between. */
  preposition: string | undefined;
}

/** What a comparison needs to know of a prompt; made once for each. */
export interface Prompt {
  /** Normalised. */
  text: string;
  language: string;
  /** All words in order, in small letters. */
  words: readonly string[];
  content: readonly ContentWord[];
  /** The stems of `content`. */
  stems: ReadonlySet<string>;
  numbers: readonly number[];
  /** Numbers with the units behind them: "20 pound". */
  measures: ReadonlyMap<number, string>;
  units: ReadonlySet<string>;
  months: ReadonlySet<string>;
  /** Names with digits or signs in them: versions, error codes, file names, command line options. */
  identifiers: ReadonlySet<string>;
  /** Formulas, without spaces. */
  formulas: readonly string[];
  /** Signs that stand by themselves: "#", "()". */
  symbols: readonly string[];
  /** What stands in backquotes or quotation marks, without them. */
  literals: readonly string[];
  isNegated: boolean;
  /** Says of something what is done to it. */
  isPassive: boolean;
  /** Speaks of what something does to something else: "the effect of sun on paint". */
  isOfInfluence: boolean;
  questions: readonly QuestionKind[];
}

/** Words of any language, also with marks inside; names with digits and signs in them; single characters of East Asia. */
const WORD =
  /--?[a-z][\w-]*|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_]|[.'#+-](?=[\p{L}\p{N}])|[,:](?=\d))*(?:\+\+|#)?|[%€$£¥]/giu;

const PREPOSITIONS = new Set(
  'near behind beside above below under of in on at by for to from with into onto about over under through between among during within via per against toward without than before after instead as while'.split(
    ' ',
  ),
);

const FORMULA = /(?<![\w.()^])[\w.()^]+(?:\s*(?:[*/^=<>+]|!=|\s-\s)\s*-?\s*[\w.()^]+)+|(?<!\w)\w+\([\w+*/^ -]+\)/g;

/** Takes a prompt apart. Linear in its length. */
export function analyse(prompt: string): Prompt {
  const text = normalise(prompt);
  const spoken = text.match(WORD) ?? [];
  const names = namesIn(prompt);
  const language = languageOf(spoken);
  const words = language === 'de' ? withWholeVerbs(spoken) : spoken;
  const content = contentOf(words, language, names);
  return {
    text,
    language,
    words,
    content,
    stems: new Set(content.map((word) => word.stem)),
    numbers: numbersIn(words.flatMap((word, index) => (isOneUnit(word, words[index + 1]) ? ['1'] : word.split('-')))),
    measures: measuresIn(words),
    units: new Set(words.flatMap((word, index) => unitsIn(word, words[index - 1]))),
    months: new Set(words.filter((word) => MONTHS.has(word) && (word !== 'may' || names.has(word)))),
    identifiers: new Set(words.filter(isIdentifier)),
    formulas: (text.match(FORMULA) ?? [])
      .filter((formula) => /\d|\^|=/.test(formula))
      .map((formula) => formula.replaceAll(/\s/g, '')),
    symbols: text.match(/(?<![^\s])[^\p{L}\p{N}\s.,?!;:'"-]+(?=[\s?.!]|$)/gu) ?? [],
    literals: [
      ...text.matchAll(/```([\s\S]*?)```|`([^`]+)`|"([^"]+)"|(?<![\p{L}\p{N}])'([^']+)'(?![\p{L}\p{N}])/gu),
    ].map(([, fenced, code, quoted, single]) => (fenced ?? code ?? quoted ?? single ?? '').trim()),
    isNegated: words.some((word) => NEGATIONS.has(word)),
    isPassive: isPassive(words),
    isOfInfluence: speaksOfInfluence(words),
    questions: questionKinds(text),
  };
}

/** "In one week": elsewhere "one" mostly does not count. */
function isOneUnit(word: string, next: string | undefined): boolean {
  return word === 'one' && unitIn(next ?? '', '1') !== undefined;
}

/** The unit that stands behind each number. */
function measuresIn(words: readonly string[]): Map<number, string> {
  return new Map(
    words.flatMap((word, index) => {
      const [value] = numbersIn([word.replace(/^([\d.,]+)[a-z]+$/, '$1')]);
      const [unit] = /^[\d.,]+[a-z]+$/.test(word) ? unitsIn(word, undefined) : unitsIn(words[index + 1] ?? '', '0');
      return value === undefined || unit === undefined ? [] : [[value, unit] as const];
    }),
  );
}

/** "5km" is a number and its unit in one. */
function unitsIn(word: string, before: string | undefined): string[] {
  const [, unitGlued] = word.match(/^[\d.,]+([a-z]+)$/) ?? [];
  const unit = unitGlued === undefined ? unitIn(word, before) : unitIn(unitGlued, '0');
  return unit === undefined ? [] : [unit];
}

/** A letter and a digit in one word, or signs that words of a language do not have; "10-year-old" and "5km" are none. */
function isIdentifier(word: string): boolean {
  if (/^--?[a-z]/.test(word)) return true;
  if (/^\d+(?:st|nd|rd|th|k|m|bn)?$/.test(word) || /^[\d.,]+[a-z]{1,2}$/.test(word)) return false;
  if (/^\d+-\p{L}/u.test(word)) return false;
  return (/\d/.test(word) && /[\p{L}.:/-]/u.test(word)) || /[_@]|\w[.#]\w|\+\+$|#$/.test(word);
}

/** Words, in small letters, that are written like names: with a capital inside a sentence, or in capitals throughout. */
function namesIn(prompt: string): Set<string> {
  const marked = plain(prompt)
    .split(/[.?!:]\s+|\n/)
    .flatMap((sentence) => {
      const words = sentence.match(WORD) ?? [];
      const capitals = words.filter((word) => /^\p{Lu}/u.test(word)).length;
      // Titles and shouting say nothing by their capitals.
      return words.length > 3 && capitals > 0.7 * words.length ? [] : words.filter(isMarked);
    });
  return new Set(marked.flatMap((word) => normalise(word).split(' ')));
}

function isMarked(word: string, index: number): boolean {
  return /^\p{Lu}{2,}$|^\p{L}+\p{Lu}/u.test(word) || (index > 0 && /^\p{Lu}\p{Ll}/u.test(word));
}

function contentOf(words: readonly string[], language: string, names: ReadonlySet<string>): ContentWord[] {
  const found: ContentWord[] = [];
  let preposition: string | undefined;
  for (const [index, word] of words.entries()) {
    if (PREPOSITIONS.has(word)) preposition = word;
    if (isWithoutContent(word, words[index - 1], language, names)) continue;
    const isFrame = language === 'en' && FRAME_WORDS.has(word) && !names.has(word);
    const value = numberIn(word);
    found.push({
      word,
      stem: value === undefined ? stemOf(word, language) : `${NUMBER_SIGN}${value}`,
      isFrame,
      isLight: language === 'en' && LIGHT_WORDS.has(word) && !names.has(word),
      isName: names.has(word),
      before: words[index - 1] ?? '',
      preposition,
    });
    if (!isFrame) preposition = undefined;
  }
  return found;
}

/** Begins the stem of a number, however it is written: "12" and "twelve" are one word. */
export const NUMBER_SIGN = '#';

function stemOf(word: string, language: string): string {
  return language === 'en' ? stem(word) : word;
}

/** Words that other parts of a prompt speak for: grammar, units, negation. */
function isWithoutContent(
  word: string,
  before: string | undefined,
  language: string,
  names: ReadonlySet<string>,
): boolean {
  if (language !== 'en') return isGrammar(word, language) || FILLERS.has(word);
  if (SCOPE_WORDS.has(word)) return true;
  if (names.has(word) && !FUNCTION_WORDS.has(word)) return false;
  return (
    FUNCTION_WORDS.has(word) ||
    NEGATIONS.has(word) ||
    /^(?:[.,%]+|hundred|thousand|million|billion)$/.test(word) ||
    unitIn(word, before) !== undefined
  );
}

/** Courtesy and frames in the languages that are compared word by word. */
const FILLERS = new Set(
  'bitte möchte heißt nenne schreib kochen-sie s’il por favor prego gostaria puedo puede poder posible möglich 请 吗 呢 的 了 か は を に の で す 様 ください 教 え て'.split(
    ' ',
  ),
);
