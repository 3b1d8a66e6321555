/** What a question wants to know, where the words say so. */
export type QuestionKind =
  | 'why'
  | 'when'
  | 'where'
  | 'who'
  | 'how many'
  | 'price'
  | 'duration'
  | 'frequency'
  | 'which'
  | 'how to'
  | 'purpose'
  | 'recognition'
  | 'definition'
  | 'comparison'
  | 'yes or no';

const KINDS: readonly [QuestionKind, RegExp][] = [
  [
    'why',
    /\bwhy\b|\breasons?\b|\bwhat (?:makes|causes?|caused|leads? to|led to|brought)\b|\bcauses? (?:of|for)\b|\bpourquoi\b|\bwarum\b|\bpor qué\b|\bperché\b/,
  ],
  [
    'when',
    /\bwhen\b(?! (?:you|i|using|there))|\b(?:what|which) (?:year|month|day|date|season)\b|\bwhat time\b|\b(?:best|right|opening|checkin|checkout|planting) (?:time|season|month)s?\b|\b(?:end|start) date\b|\bdate of\b|\btime for\b|\bquand\b|\bwann\b|\bcuándo\b|\bquando\b/,
  ],
  ['where', /\bwhere\b|\bwhich (?:place|city|country)\b|\blocation\b|\bwo\b|\bdónde\b|\bdove\b/],
  [
    'who',
    /\bwho\b|\bwhom\b|\bwhose\b|\bwhich (?:person|artist|author|human|team)\b|\b(?:author|inventor|painter|founder) of\b|\bartist\b|\bwer\b|\bquién\b/,
  ],
  [
    'how many',
    /\bhow many\b(?! (?:days|hours|minutes|months|weeks|years) )|\bhow much (?!(?:is|are|does|do|did|would|will|time)\b)|\b(?:number|amount|quantity) of\b|\b(?:count|sum|population|dosage|dose|intake)\b|\bcombien de (?!temps)\b|\bwie viele\b|\bcuánt[oa]s\b/,
  ],
  [
    'price',
    /\bhow much (?:is|are|does|do|did|would|will)\b.*\b(?:costs?|charge|pay)\b|\bhow much (?:is|are)\b|\b(?:price|pricing|costs?|fees?|charges)\b|\bwas kostet\b|\bcombien coûte\b|\bcuánto cuesta\b|\bquanto custa\b|\bquanto costa\b/,
  ],
  [
    'duration',
    /\bhow-long\b|\bhow many (?:days|hours|minutes|months|weeks|years)\b|\bduration\b|\bhow much time\b|\btime required\b|\b(?:delivery|boiling|cooking) time\b|\bwie lange\b|\bcombien de temps\b|\bcuánto (?:tiempo|tarda)\b|\bquanto (?:tempo|dura)\b/,
  ],
  ['frequency', /\bhow often\b|\bhow frequently\b|\bfrequency\b|\bhow many times\b/],
  [
    'which',
    /^which (?!(?:is|are|was|were|of)\b)|^what (?!(?:way|ways|method|steps?|reason|makes?|causes?|helps?|happens?|time|sort|kind|type|amount|number|sum|percentage|share|portion|if|about|else|to|was|were|is|are|am|does|do|did|can|could|should|must|may|might|would|will|has|have|had|it|goes|led|leads|brought|caused|made|works|speaks|gives|got|you|i|we|\p{L}+-?acronym)\b)\p{L}+ (?:\p{L}+ )?(?:do|does|did|can|could|should|must|may|is|are|was|were|will|would|has|have|had)\b/u,
  ],
  [
    'how to',
    /\bhow (?:do|can|should|could|would|to|did|is|are|was|were|does)\b|\b(?:in|by) (?:what|which) (?:way|manner|means|mechanism)\b|\b(?:way|ways|steps|process|procedure|method)\b (?:to|of|for)\b|\bwie (?:kann|schalte|setze|kündige)\b|\bcomment\b|\bcómo\b/,
  ],
  ['purpose', /\bus(?:ed?|ing) (?:of|for)\b|\bpurpose\b|\bpoint of\b|^what (?:is|are) .* (?:good )?for\??$/],
  [
    'recognition',
    /\b(?:know|tell|see|find out|check|determine|recogni[sz]e|notice) (?:if|whether|that|when)\b|\bsigns? (?:of|that)\b|\bsymptoms?\b/,
  ],
  [
    'definition',
    /^what (?:exactly |actually )?(?:is|are) (?!.*\b(?:my|good|best|normal|average|wrong|next)\b)(?:an? |the )?(?:[\p{L}\d-]+ ?){1,3}\??$|^(?:can you |could you )?(?:please )?explain (?:to me )?(?!how\b|why\b|when\b)(?:what )?(?:an? |the )?(?:[\p{L}\d-]+ ?){1,3}(?:is|are)?(?: to me)?[?.]?$|\bwhat (?:do you|does one|do \p{L}+) (?:mean|understand) by\b|\bmeant by\b|\bdefin(?:e|ition)\b|\bmeaning of\b|\bwhat does .* mean\b/u,
  ],
  ['comparison', /\bversus\b|\bdiffer(?:ence|s)?\b|\bcompar(?:e|ing|ison)\b|\bdistinguish/],
  ['yes or no', /^(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|am)\b/],
];

/** Kinds that exclude each other: an answer to one of them is none to another. */
const EXCLUSIVE: ReadonlySet<QuestionKind> = new Set([
  'why',
  'when',
  'where',
  'who',
  'how many',
  'price',
  'duration',
  'frequency',
]);

/** The kinds of question in a normalised text; more than one where it may be read so. */
export function questionKinds(normalised: string): QuestionKind[] {
  return KINDS.filter(([, pattern]) => pattern.test(normalised)).map(([kind]) => kind);
}

/** True when both texts ask, each for something that the other does not. */
export function askDifferently(one: readonly QuestionKind[], other: readonly QuestionKind[]): boolean {
  const [these, those] = [one, other].map((kinds) => kinds.filter((kind) => EXCLUSIVE.has(kind)));
  if (!these || !those) return false;
  if (these.length > 0 && those.length > 0) return !these.some((kind) => those.includes(kind));
  return excludes(these, other) || excludes(those, one);
}

/** How a thing is done, and which one it is, answers neither when, nor how many, nor how long. */
function excludes(kinds: readonly QuestionKind[], others: readonly QuestionKind[]): boolean {
  if (kinds.length === 0) return false;
  return (
    (others.includes('how to') && kinds.every((kind) => NO_MANNER.has(kind))) ||
    (others.includes('which') && kinds.every((kind) => NO_THING.has(kind)))
  );
}

const NO_MANNER: ReadonlySet<QuestionKind> = new Set(['when', 'who', 'how many', 'price', 'duration', 'frequency']);
const NO_THING: ReadonlySet<QuestionKind> = new Set(['when', 'why', 'how many', 'duration', 'frequency']);

/** True when one text asks why and the other asks something else by its first word. */
export function onlyOneAsksWhy(
  one: { text: string; questions: readonly QuestionKind[] },
  other: { text: string; questions: readonly QuestionKind[] },
): boolean {
  const [first, second] = [one, other].map(({ questions }) => questions.includes('why'));
  if (first === second) return false;
  return /^(?:which|how|who|when|where|what|is|are|do|does|can|should)\b/.test(first ? other.text : one.text);
}

/** True when one text asks for one of the exclusive kinds and the other, a question as well, asks for none of them. */
export function onlyOneAsks(one: readonly QuestionKind[], other: readonly QuestionKind[]): boolean {
  const [these = 0, those = 0] = [one, other].map((kinds) => kinds.filter((kind) => EXCLUSIVE.has(kind)).length);
  return (these === 0) !== (those === 0) && one.length > 0 && other.length > 0;
}

/** True for two questions of which just one is of this kind. */
export function onlyOneIs(kind: QuestionKind, one: readonly QuestionKind[], other: readonly QuestionKind[]): boolean {
  return one.length > 0 && other.length > 0 && one.includes(kind) !== other.includes(kind);
}

/** How a question begins: with an auxiliary verb, or the word that it asks with; `none` for what is no question. */
export type Opening = 'yes or no' | 'possible' | 'what' | 'how' | 'other' | 'none';

const OPENINGS: readonly [Opening, RegExp][] = [
  ['possible', /^(?:can|could|may|is there|are there|is it possible)\b/],
  ['yes or no', /^(?:is|are|am|was|were|do|does|did|has|have|should|must|will|would)\b(?! you know\b)/],
  ['how', /^how (?:do|does|did|can|could|should|would|is|are|was|were|to)\b/],
  ['other', /^(?:who|whom|whose|when|where|why|how)\b/],
  ['what', /^(?:what|which)\b/],
];

/** The opening of a normalised text, of its last sentence or clause if that is a question. */
export function openingOf(normalised: string): Opening {
  const clause = normalised
    .split(/(?:[.:,;!] )/)
    .findLast((part) => OPENINGS.some(([, pattern]) => pattern.test(part)));
  return OPENINGS.find(([, pattern]) => pattern.test(clause ?? ''))?.[0] ?? 'none';
}

/** Pairs of openings, each a feature of its own. */
export const OPENING_PAIRS: readonly (readonly [Opening, Opening])[] = [
  ['yes or no', 'what'],
  ['yes or no', 'how'],
  ['yes or no', 'other'],
  ['possible', 'what'],
  ['possible', 'how'],
  ['possible', 'other'],
  ['what', 'how'],
  ['what', 'other'],
  ['how', 'other'],
  ['none', 'yes or no'],
  ['none', 'possible'],
  ['none', 'what'],
  ['none', 'how'],
  ['none', 'other'],
];

/** True when one text asks who, when, where, why or how many, and the other has nothing of the kind. */
export function onlyOneNames(one: readonly QuestionKind[], other: readonly QuestionKind[]): boolean {
  const [these, those] = [one, other].map((kinds) => kinds.filter((kind) => EXCLUSIVE.has(kind)));
  return these !== undefined && those !== undefined && (these.length === 0) !== (those.length === 0);
}
