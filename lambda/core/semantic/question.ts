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
  | 'how to'
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
    /\bwhen\b(?! (?:you|i|using|there))|\b(?:what|which) (?:year|month|day|date|season)\b|\bwhat time\b|\b(?:best|right|opening|check-?in|planting) (?:time|season|month)s?\b|\b(?:end|start) date\b|\bdate of\b|\btime for\b|\bquand\b|\bwann\b|\bcuándo\b|\bquando\b/,
  ],
  ['where', /\bwhere\b|\bwhich (?:place|city|country)\b|\blocation\b|\bwo\b|\bdónde\b|\bdove\b/],
  [
    'who',
    /\bwho\b|\bwhom\b|\bwhose\b|\bwhich (?:person|artist|author|human|team)\b|\b(?:author|inventor|painter|founder) of\b|\bartist\b|\bwer\b|\bquién\b/,
  ],
  [
    'how many',
    /\bhow many\b(?! (?:days|hours|minutes|months|weeks|years) )|\bnumber of\b|\bcount\b|\bpopulation\b|\bcombien de (?!temps)\b|\bwie viele\b|\bcuánt[oa]s\b/,
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
    'how to',
    /\bhow (?:do|can|should|could|would|to|did|is|are|does)\b|\b(?:way|ways|steps|process|procedure|method)\b (?:to|of|for)\b|\bwie (?:kann|schalte|setze|kündige)\b|\bcomment\b|\bcómo\b/,
  ],
  [
    'definition',
    /^what (?:exactly |actually )?(?:is|are) (?:an? |the )?(?:[\p{L}\d-]+ ?){1,3}\??$|\bdefin(?:e|ition)\b|\bmeaning of\b|\bwhat does .* mean\b/u,
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
  if (!these || !those || these.length === 0 || those.length === 0) return false;
  return !these.some((kind) => those.includes(kind));
}

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
