import { isUnspaced, normalize } from './normalize.ts';

/** Words that say what is asked for, by the first two characters of each: see `startOf`. */
export interface Cues {
  groups: readonly string[];
  byStart: ReadonlyMap<number, readonly Cue[]>;
}

interface Cue {
  text: string;
  /** Its third character, which most words that begin alike do not have; 0 where it has none. */
  third: number;
  group: number;
}

/** Which groups of cues a text has, each once, in the order of their first appearance; and where each stands. */
export interface FoundCues {
  groups: number[];
  /** Where in the normalized text the first cue of each group begins. */
  positions: number[];
}

/**
 * Reads the cue file: one line a group and language, `group: word, word$, two words`. A word fits where a word begins;
 * with $ it must be the whole word; in scripts without spaces it fits anywhere.
 */
export function parseCues(file: string): Cues {
  const lines = file.split('\n').filter((line) => !line.startsWith('#') && line.includes(':'));
  return cuesOf(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return { group: line.slice(0, colon), words: line.slice(colon + 1).split(',') };
    }),
  );
}

/** Cues from words by group, written as in the cue file. A group may come more than once. */
export function cuesOf(entries: readonly { group: string; words: readonly string[] }[]): Cues {
  const groups = [...new Set(entries.map(({ group }) => group))];
  const byStart = new Map<number, Cue[]>();
  for (const { group, words } of entries) {
    for (const word of words) addCue(byStart, word.trim(), groups.indexOf(group));
  }
  return { groups, byStart };
}

function addCue(byStart: Map<number, Cue[]>, word: string, group: number): void {
  const bare = normalize(word).trim();
  if (bare === '') return;
  const isWhole = word.endsWith('$') && !isUnspaced(bare.charCodeAt(0));
  const cueText = isWhole ? `${bare} ` : bare;
  const cue = { text: cueText, third: cueText.charCodeAt(2) || 0, group };
  const start = startOf(cue.text.charCodeAt(0), cue.text.charCodeAt(1) || 0);
  const known = byStart.get(start);
  if (known) known.push(cue);
  else byStart.set(start, [cue]);
}

/** The groups of cues in a text that `normalize` has made. */
export function findCues(cues: Cues, text: string): FoundCues {
  const groups: number[] = [];
  const positions: number[] = [];
  eachCue(cues, text, (group, at) => {
    if (groups.includes(group)) return;
    groups.push(group);
    positions.push(at);
  });
  return { groups, positions };
}

/** Two characters as one number, which is found faster than a text; 0 for the second of a cue that has only one. */
function startOf(first: number, second: number): number {
  return first * 0x10000 + second;
}

/** Tells of every cue in a normalized text, from its beginning to its end. */
export function eachCue(cues: Cues, text: string, tell: (group: number, at: number, length: number) => void): void {
  for (let at = 1; at < text.length - 1; at += 1) {
    const first = text.charCodeAt(at);
    if (!isUnspaced(first) && !isGap(text.charCodeAt(at - 1))) continue;
    const found = cues.byStart.get(startOf(first, text.charCodeAt(at + 1)));
    if (found) tellOf(found, text, at, tell);
    const ofOne = cues.byStart.get(startOf(first, 0));
    if (ofOne) tellOf(ofOne, text, at, tell);
  }
}

function tellOf(
  found: readonly Cue[],
  text: string,
  at: number,
  tell: (group: number, at: number, length: number) => void,
) {
  const third = text.charCodeAt(at + 2);
  for (const cue of found) {
    if (cue.third !== 0 && cue.third !== third) continue;
    if (text.startsWith(cue.text, at)) tell(cue.group, at, cue.text.length);
  }
}

/** True for a space and an apostrophe, behind which a word may begin. */
function isGap(code: number): boolean {
  return code === 0x20 || code === 0x27;
}
