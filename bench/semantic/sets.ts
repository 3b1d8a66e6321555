import { readFileSync } from 'node:fs';

/** Two prompts, whether one answer serves both, and what kind of pair it is, where the file says so. */
export interface Pair {
  a: string;
  b: string;
  isSame: boolean;
  kind: string;
}

/** Requests in order, each with the class of requests that one answer serves. */
export interface Request {
  prompt: string;
  answer: string;
}

export type TestSet = { name: string } & ({ pairs: Pair[] } | { stream: Request[] });

/**
 * Reads one set. Three formats, told apart by their first lines:
 * - JSON lines `{"a", "b", "label"}`, label 1 for pairs that one answer serves, and `kind` or `category`, optional;
 * - JSON lines `{"q", "c"}`, a stream of requests in order: c is equal where one answer serves both; `c_adj` goes before `c`;
 * - groups, in a file that ends with .txt: see `groupsIn`.
 */
export function readSet(path: string): TestSet {
  const name = path.replace(/^.*\//, '').replace(/\.\w+$/, '');
  const text = readFileSync(path, 'utf8');
  if (path.endsWith('.txt')) return { name, pairs: groupsIn(text).flatMap(pairsOf) };
  const rows = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  if (rows[0] && 'q' in rows[0]) {
    return { name, stream: rows.map(({ q, c, c_adj }) => ({ prompt: String(q), answer: String(c_adj ?? c) })) };
  }
  return {
    name,
    pairs: rows.map(({ a, b, label, kind, category }) => ({
      a: String(a),
      b: String(b),
      isSame: Number(label) === 1,
      kind: String(kind ?? category ?? 'all'),
    })),
  };
}

/** Prompts of which all that are equal ask the same as the first, and none of the near misses does. */
export interface Group {
  kind: string;
  equal: string[];
  misses: string[];
}

/**
 * One group a line: `prompt | equal | equal ! near miss | near miss`. A line that starts with # names the kind of those
 * below it. A long prompt may have the differing clause in braces instead: `text {clause~equal clause!other clause} text`.
 */
export function groupsIn(text: string): Group[] {
  const groups: Group[] = [];
  let kind = 'all';
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) kind = line.slice(1).trim();
    else if (line.trim() !== '')
      groups.push({ kind, ...(line.includes('{') && line.includes('~') ? clauseGroup(line) : lineGroup(line)) });
  }
  return groups;
}

function lineGroup(line: string): Omit<Group, 'kind'> {
  const [equal = '', misses = ''] = line.split(/\s!\s/);
  const split = (part: string) =>
    part
      .split(' | ')
      .map((prompt) => prompt.trim())
      .filter((prompt) => prompt !== '');
  return { equal: split(equal), misses: split(misses) };
}

function clauseGroup(line: string): Omit<Group, 'kind'> {
  const [, before = '', choices = '', after = ''] = line.match(/^([^{]*)\{([^}]*)\}(.*)$/) ?? [];
  const parts = choices.split(/([~!])/);
  const filled = (mark: string) =>
    parts
      .filter((_, index) => index % 2 === 0 && (parts[index - 1] ?? '~') === mark)
      .map((clause) => before + clause + after);
  return { equal: filled('~'), misses: filled('!') };
}

/** Each two equal prompts, and each equal prompt with each near miss. */
export function pairsOf({ kind, equal, misses }: Group): Pair[] {
  return equal.flatMap((a, index) => [
    ...equal.slice(index + 1).map((b) => ({ a, b, isSame: true, kind })),
    ...misses.map((b) => ({ a, b, isSame: false, kind })),
  ]);
}
