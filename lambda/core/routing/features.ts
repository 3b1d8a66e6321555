import { type Cues, findCues } from './cues.ts';
import { endHash, foldHash, HASH_START, hash } from './hash.ts';
import { isUnspaced, normalize } from './normalize.ts';
import { looksLikeCode, splitPrompt } from './split-prompt.ts';
import type { Task } from './task.ts';

/** Hashed features of a task: which, and how strong. An index may come twice. */
export interface Features {
  indices: number[];
  values: number[];
}

/** What a family of features weighs together, before training. Families are kept apart, so that long ones do not drown others. */
const FAMILY_WEIGHTS = { words: 2, characters: 1.5, material: 0.7 };

/** The features by which the class of a task is told, hashed into so many dimensions. */
export function classFeatures(task: Task, cues: Cues, dimensions: number): Features {
  const features: Features = { indices: [], values: [] };
  const { instruction, material } = splitPrompt(task.prompt, cues);
  const text = normalize(instruction);
  const add = (name: string, value = 1) => {
    features.indices.push(hash(name) % dimensions);
    features.values.push(value);
  };
  add('bias');
  const found = findCues(cues, text);
  addCues(found.groups, material !== '', add);
  if (found.positions[0] === 1) add(`begins with ${found.groups[0]}`);
  addFamily(wordHashes(text), FAMILY_WEIGHTS.words, features, dimensions);
  addFamily(headHashes(instruction), 2, features, dimensions);
  addFamily(characterHashes(text), FAMILY_WEIGHTS.characters, features, dimensions);
  for (const fact of factsOf(instruction, text, task)) add(fact);
  if (material !== '') addMaterial(material, cues, add);
  if (task.system !== '') {
    for (const group of findCues(cues, normalize(task.system.slice(0, 300))).groups) add(`told ${group}`);
  }
  return features;
}

type Add = (name: string, value?: number) => void;

function addCues(groups: readonly number[], hasMaterial: boolean, add: Add): void {
  if (groups.length === 0) add(`no cue ${hasMaterial}`);
  for (const [index, group] of groups.entries()) {
    add(`cue ${group}`);
    add(`cue ${group} ${hasMaterial}`);
    if (index === 0) add(`first cue ${group} ${hasMaterial}`);
    for (const other of groups.slice(index + 1)) add(`cues ${Math.min(group, other)} ${Math.max(group, other)}`, 0.7);
  }
}

/** Adds hashed features whose values have this length as a vector. */
export function addFamily(hashes: readonly number[], weight: number, features: Features, dimensions: number): void {
  const value = weight / Math.sqrt(Math.max(hashes.length, 1));
  for (const found of hashes) {
    features.indices.push(found % dimensions);
    features.values.push(value);
  }
}

const WORD = foldHash(HASH_START, 'w ');
const PAIR = foldHash(HASH_START, 'b ');
const FIRST = foldHash(HASH_START, 'w1 ');
const LAST = foldHash(HASH_START, 'w-1 ');
const CHARACTERS = foldHash(HASH_START, 'c ');

/** Hashes of its words, of each two in a row, and of the first and the last. */
export function wordHashes(text: string): number[] {
  const words = text.trim().split(' ');
  const hashes = words.map((word) => endHash(foldHash(WORD, word)));
  for (let index = 1; index < words.length; index += 1) {
    hashes.push(endHash(foldHash(PAIR, `${words[index - 1]} ${words[index]}`)));
  }
  hashes.push(endHash(foldHash(FIRST, words[0] as string)), endHash(foldHash(LAST, words.at(-1) as string)));
  return hashes;
}

const HEAD = foldHash(HASH_START, 'h ');
const FIRST_HEAD = foldHash(HASH_START, 'h1 ');
const MOST_HEADS = 6;
const HEAD_WORDS = 7;

/** How each sentence begins: its first word, its first two, and its first with each of the next. */
function headHashes(instruction: string): number[] {
  const hashes: number[] = [];
  const sentences = instruction.split(/[.?!:;。？！：；،؟\n]\s*/u).filter((sentence) => sentence.length > 1);
  for (const [index, sentence] of sentences.slice(0, MOST_HEADS).entries()) {
    const words = normalize(sentence.slice(0, 80)).trim().split(' ');
    const first = words[0] as string;
    const starts = index === 0 ? [HEAD, FIRST_HEAD] : [HEAD];
    for (const start of starts) {
      const head = foldHash(start, `${first} `);
      hashes.push(endHash(head));
      for (const word of words.slice(1, HEAD_WORDS)) hashes.push(endHash(foldHash(head, word)));
    }
  }
  return hashes;
}

/** Hashes of each four characters in a row, and in scripts without spaces of one to three. */
export function characterHashes(text: string): number[] {
  const hashes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (isUnspaced(text.charCodeAt(at))) {
      for (let end = at + 1; end <= at + 3; end += 1) hashes.push(endHash(foldHash(CHARACTERS, text, at, end)));
    } else if (at + 4 <= text.length) hashes.push(endHash(foldHash(CHARACTERS, text, at, at + 4)));
  }
  return hashes;
}

/** Facts of an instruction beside its words. */
function factsOf(instruction: string, text: string, { turns, system }: Task): string[] {
  const digits = instruction.match(/\d/g)?.length ?? 0;
  const facts = [
    `characters ${Math.floor(Math.log2(text.length))}`,
    `digits ${Math.min(4, Math.ceil((digits * 20) / text.length))}`,
  ];
  if (/[?？؟]\s*$/.test(instruction)) facts.push('asks');
  if (/!\s*$/.test(instruction)) facts.push('exclaims');
  if (/\d\s*[-+*/^=×÷]\s*[\dxyz(]|[xyz]\s*[-+*/^=]|\\frac|\\sqrt|\$[^$]+\$|[∫∑√≤≥π]/.test(instruction))
    facts.push('formula');
  if (/\d\s?%|[$€£]\s?\d/.test(instruction)) facts.push('amounts');
  if (looksLikeCode(instruction)) facts.push('code in it');
  if (/\b[a-z]+[A-Z]\w*\b|\b\w+_\w+\b|`[^`]+`|\w\(\)|--\w|\.\w{2,4}\b/.test(instruction)) facts.push('identifiers');
  if (turns > 1) facts.push('turns');
  if (turns > 1 && text.length < 30) facts.push('short turn');
  if (system !== '') facts.push('told');
  if (/""/.test(instruction)) facts.push('quotes');
  if (/\b[A-D]\s*[.):]\s*\S.*\b[A-D]\s*[.):]/.test(instruction)) facts.push('choices');
  return facts;
}

/** Of pasted text this much is looked at. */
const MATERIAL_CHARACTERS = 1_200;

function addMaterial(material: string, cues: Cues, add: Add): void {
  const lines = material.slice(0, MATERIAL_CHARACTERS).split('\n');
  const share = (test: (line: string) => boolean) => lines.filter(test).length / lines.length;
  const kinds: [name: string, share: number][] = [
    ['code', share(looksLikeCode)],
    ['items', share((line) => /^\s*(?:[-*•]|\d+[.)])\s/.test(line))],
    ['rows', share((line) => (line.match(/[|,;\t]/g)?.length ?? 0) > 1 && line.length < 120)],
    ['speakers', share((line) => /^\s*(?:\[[\d:]+\]\s*)?\p{Lu}[\p{L}. ]{0,18}: /u.test(line))],
    ['numbers', share((line) => /^\W*[\d.,:\s-]+\W*$/.test(line))],
  ];
  for (const [name, found] of kinds) if (found > 0.25) add(`material ${name}`);
  if (material.includes('```')) add('material fenced');
  add(`material characters ${Math.min(10, Math.floor(Math.log2(material.length)))}`);
  add(`material lines ${Math.min(5, lines.length)}`);
  const text = normalize(material.slice(0, MATERIAL_CHARACTERS / 2));
  const { groups } = findCues(cues, text);
  for (const group of groups) add(`material cue ${group}`, FAMILY_WEIGHTS.material / Math.sqrt(groups.length));
}
