const SMALL = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth',
].map((row) => row.split(' '));
const TENS = [
  'twenty thirty forty fifty sixty seventy eighty ninety',
  'twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth',
].map((row) => row.split(' '));
const LARGE: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1e6],
  ['billion', 1e9],
]);
const SUFFIXES: Readonly<Record<string, number>> = { k: 1_000, m: 1e6, bn: 1e9 };

/** Words that stand for numbers, except those that mostly do not count: "one", "first" to "third" and "second". */
const WORDS: ReadonlyMap<string, number> = new Map([
  ...SMALL.flatMap((row, kind) => row.map((word, value) => [word, value] as const).slice(kind === 0 ? 2 : 4)),
  ...TENS.flatMap((row) => row.map((word, index) => [word, (index + 2) * 10] as const)),
  ['dozen', 12] as const,
]);

/** The value of a word that is a number, "12", "1,000", "16th", "250k" or "twelve"; undefined for all others. */
export function numberIn(word: string): number | undefined {
  const known = WORDS.get(word);
  if (known !== undefined) return known;
  const [, digits, suffix = ''] = word.match(/^(\d[\d,]*(?:\.\d+)?)(k|bn|m|st|nd|rd|th)?$/) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits.replaceAll(',', '')) * (SUFFIXES[suffix] ?? 1);
}

/**
 * The numbers that a list of words says, as they stand in it: "twenty five thousand" is one of 25,000, "half a dozen" one
 * of 6.
 */
export function numbersIn(words: readonly string[]): number[] {
  const found: number[] = [];
  let isOpen = false;
  for (const [index, word] of words.entries()) {
    const value = numberIn(word);
    const factor = word === 'dozen' ? 12 : LARGE.get(word);
    if (factor === undefined && value === undefined) {
      isOpen = false;
      continue;
    }
    const before = isOpen ? found.pop() : undefined;
    found.push(...joined(before, value, factor, words[index - 2] === 'half'));
    isOpen = true;
  }
  return found;
}

/** What a number, or a factor such as "thousand", makes of the number before it. */
function joined(before: number | undefined, value: number | undefined, factor: number | undefined, isHalf: boolean) {
  if (factor !== undefined) return [(before ?? (isHalf ? 0.5 : 1)) * factor];
  if (before === undefined) return [value ?? 0];
  return isContinued(before, value ?? 0) ? [before + (value ?? 0)] : [before, value ?? 0];
}

/** "twenty" goes on with "five", "hundred" with "twelve"; "1989" is a number of its own. */
function isContinued(under: number, value: number): boolean {
  if (under >= 20 && under < 100 && under % 10 === 0) return value < 10;
  return under >= 100 && under % 100 === 0 && value < 100;
}
