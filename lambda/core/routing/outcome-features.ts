import type { Features } from './features.ts';
import { endHash, foldHash, HASH_START, hash } from './hash.ts';
import { normalize } from './normalize.ts';

/** Of a prompt this much is looked at. */
const CHARACTERS = 1_000;

/** What all words of a prompt weigh together. */
const WORDS_WEIGHT = { choices: 5, open: 3 };
const FACT_WEIGHT = 0.5;

/**
 * The features by which outcomes are predicted. Questions with choices and open ones have weights of
 * their own: what makes the one hard is easy in the other.
 */
export function outcomeFeatures(prompt: string, dimensions: number): Features {
  const looked = prompt.slice(0, CHARACTERS);
  const kind = /^\s*\(?A[.):] .*\n\s*\(?B[.):] /m.test(looked) ? 'choices' : 'open';
  const text = normalize(looked);
  const words = text.trim().split(' ');
  const word = foldHash(HASH_START, `${kind} w `);
  const pair = foldHash(HASH_START, `${kind} b `);
  const hashes = new Set<number>();
  for (const [index, own] of words.entries()) {
    hashes.add(endHash(foldHash(word, own)));
    if (index > 0) hashes.add(endHash(foldHash(pair, `${words[index - 1]} ${own}`)));
  }
  const features: Features = { indices: [], values: [] };
  const value = WORDS_WEIGHT[kind] / Math.sqrt(hashes.size);
  for (const found of hashes) {
    features.indices.push(found % dimensions);
    features.values.push(value);
  }
  const add = (name: string) => {
    features.indices.push(hash(name) % dimensions);
    features.values.push(FACT_WEIGHT);
  };
  for (const fact of factsOf(looked, text, words.length)) add(`${kind} ${fact}`);
  return features;
}

function factsOf(prompt: string, text: string, wordCount: number): string[] {
  const count = (pattern: RegExp) => prompt.match(pattern)?.length ?? 0;
  return [
    'bias',
    `length ${Math.floor(Math.log2(text.length) * 2)}`,
    `digits ${Math.min(6, Math.ceil((count(/\d/g) * 20) / text.length))}`,
    `characters a word ${Math.round((text.length / wordCount) * 2)}`,
    `numbers ${Math.min(12, count(/\d+/g))}`,
    `sentences ${Math.min(8, count(/[.?!]\s/g))}`,
    ...choiceFacts(prompt),
    ...(/which of the following|except|\bnot /i.test(prompt) ? ['chooses or excludes'] : []),
  ];
}

/** Facts of the choices of a question: how many are numbers, and how long they are. */
function choiceFacts(prompt: string): string[] {
  const choices = [...prompt.matchAll(/^\s*\(?[A-H][.):] (.*)$/gm)].map(([, choice = '']) => choice.trim());
  if (choices.length === 0) return [];
  const numbers = choices.filter((choice) => /^[-+$(]*\d[\d.,/ ]*\S{0,6}$/.test(choice)).length;
  const characters = choices.reduce((sum, choice) => sum + choice.length, 0) / choices.length;
  const symbols = choices.filter((choice) => /[=^\\{}<>→∃∀&|~]/.test(choice)).length;
  return [
    `choices that are numbers ${Math.min(numbers, 4)}`,
    `characters a choice ${Math.floor(Math.log2(characters + 1) * 2)}`,
    `choices with symbols ${Math.min(symbols, 4)}`,
  ];
}
