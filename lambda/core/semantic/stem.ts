/** Forms that no rule below leads back to their base. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  [
    'be am is are was were been being',
    'become became',
    'begin began begun',
    'bite bit bitten',
    'bleed bled',
    'break broke broken',
    'bring brought',
    'build built',
    'burn burnt',
    'buy bought',
    'can could',
    'catch caught',
    'child children kid kids',
    'choose chose chosen',
    'come came',
    'do does did done',
    'draw drew drawn',
    'drink drank drunk',
    'drive drove driven',
    'eat ate eaten',
    'fall fell fallen',
    'feed fed',
    'feel felt',
    'find found',
    'fly flew flown flies',
    'foot feet',
    'forget forgot forgotten',
    'freeze froze frozen',
    'get got gotten',
    'give gave given',
    'go went gone goes',
    'grow grew grown',
    'have has had',
    'hear heard',
    'hide hid hidden',
    'hold held',
    'keep kept',
    'know knew known',
    'leaf leaves',
    'learn learnt',
    'leave left',
    'lend lent',
    'lose lost',
    'make made',
    'man men',
    'mean meant',
    'meet met',
    'mouse mice',
    'pay paid',
    'person people',
    'read reads',
    'ride rode ridden',
    'run ran',
    'say said',
    'see saw seen',
    'sell sold',
    'send sent',
    'shake shook shaken',
    'shrink shrank shrunk',
    'sing sang sung',
    'sleep slept',
    'speak spoke spoken',
    'spend spent',
    'steal stole stolen',
    'swim swam swum',
    'take took taken',
    'teach taught',
    'tell told',
    'think thought',
    'throw threw thrown',
    'tooth teeth',
    'understand understood',
    'wake woke woken',
    'wear wore worn',
    'win won',
    'woman women',
    'write wrote written',
  ].flatMap((forms) => {
    const [base = '', ...others] = forms.split(' ');
    return others.map((form) => [form, base] as const);
  }),
);

/** Words that only look inflected. */
const WHOLE = new Set(
  'this his its news always series species bus gas plus status virus canvas atlas bias lens analysis basis thesis kubernetes during nothing something anything everything morning evening ceiling string thing king ring spring wing bring sing need speed feed seed breed bed red shed hundred indeed exceed less unless always perhaps across process address access business class express press pass glass grass mass loss boss cross dress success princess wireless happiness previous various serious famous nervous jealous anonymous physics mathematics economics politics'.split(
    ' ',
  ),
);

const VOWEL = /[aeiouy]/;

/**
 * The stem of an English word in small letters: its base without inflection and without the differences between British
 * and American spelling. Derived words keep theirs ("payment" is not "pay"); two words have one stem only if one is a form
 * of the other, as far as rules can tell.
 */
export function stem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return ending(irregular);
  if (word.length <= 3 || WHOLE.has(word)) return ending(word);
  return ending(withoutInflection(word));
}

function withoutInflection(word: string): string {
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  if (/[^su]s$/.test(word)) return withoutInflection(word.slice(0, -1));
  for (const suffix of ['ing', 'ied', 'ed']) {
    if (!word.endsWith(suffix)) continue;
    const base = word.slice(0, -suffix.length);
    if (suffix === 'ied') return `${base}y`;
    if (base.length < 2 || !VOWEL.test(base)) return word;
    return base.length === 2 ? `${base}e` : base;
  }
  return word;
}

/** One spelling for what forms and countries spell differently: a doubled last letter, a silent e, -our, -ise, -re. */
function ending(word: string): string {
  if (word.length <= 3) return word;
  let base = word
    .replace(/aluminium/, 'aluminum')
    .replace(/our(?=$|s$|ful|ite|ed$|ing$|er$)/, 'or')
    .replace(/ys(?=e$|er$)/, 'yz')
    .replace(/is(?=e$|ation$|er$|$)/, 'iz')
    .replace(/([^aeiou])re$/, '$1er')
    .replace(/ogue$/, 'og')
    .replace(/([^aeiou])y$/, '$1i');
  if (base.length > 3 && base.endsWith('e')) base = base.slice(0, -1);
  if (base.length > 3 && /([^aeiou])\1$/.test(base) && !/(?:ss|zz)$/.test(base)) base = base.slice(0, -1);
  return base;
}
