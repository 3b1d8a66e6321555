import { stem } from './stem.ts';

const INFLUENCES = new Set(['effect', 'influence', 'impact', 'pull', 'power', 'victory'].map(stem));

/** True for "the effect of the one on the other". */
export function speaksOfInfluence(words: readonly string[]): boolean {
  return words.some((word) => INFLUENCES.has(stem(word)));
}

export const TO_BE = new Set('is are was were be been being get gets got getting'.split(' '));

/** True when a form of "to be" has a participle behind it, or behind its subject: "was bought", "is the wall painted". */
export function isPassive(words: readonly string[]): boolean {
  if (words.some((word, index) => word === 'by' && isParticiple(words[index - 1] ?? ''))) return true;
  return participleAfter(
    words,
    words.findIndex((word) => TO_BE.has(word)),
  );
}

function participleAfter(words: readonly string[], from: number): boolean {
  return from !== -1 && words.slice(from + 1, from + 7).some(isParticiple);
}

export function isParticiple(word: string): boolean {
  return (
    /[^e]ed$/.test(word) ||
    (/(?:en|wn|ght|ost|elt|eft|uilt|old|ade|aid|one|ung|rung|ut|it)$/.test(word) && stem(word) !== word)
  );
}
