import { align } from './alignment.ts';
import { featuresOf } from './features.ts';
import { LEAST_LIKENESS, type OperatingPoint } from './operating-points.ts';
import type { Prompt } from './prompt.ts';
import { score } from './score.ts';
import { type VetoId, vetoesOf } from './vetoes/index.ts';

/** An earlier prompt that is near in the index; the cosine of its vector is its likeness. */
export interface Candidate {
  /** Names the kept answer. */
  fingerprint: string;
  prompt: Prompt;
  likeness: number;
  /** What a second look at this very pair has shown. */
  fits?: boolean | undefined;
}

/** What is done with a prompt, and why: ids and numbers only. */
export interface Decision {
  verdict: 'serve' | 'grey zone' | 'miss';
  /** The candidate that comes nearest to being served; undefined when there was none. */
  fingerprint?: string;
  likeness?: number;
  /** From 0 to 1; undefined where a veto spoke first. */
  score?: number;
  vetoes: readonly (VetoId | 'long or foreign' | 'unlike' | 'second look')[];
}

/** From this many characters on, one changed clause moves neither vector nor score: every content word must be answered. */
const LONG_CHARACTERS = 300;

/** Chooses among the nearest candidates: the one with the highest score of those that meet no veto. */
export function decide(asked: Prompt, candidates: readonly Candidate[], point: OperatingPoint): Decision {
  const judged = candidates.map((candidate) => judge(asked, candidate, point));
  const [best] = judged.sort((one, other) => rankOf(other) - rankOf(one));
  return best ?? { verdict: 'miss', vetoes: [] };
}

function rankOf({ score: itsScore = -1, likeness = 0 }: Decision): number {
  return itsScore + likeness / 1_000;
}

function judge(asked: Prompt, { fingerprint, prompt, likeness, fits }: Candidate, point: OperatingPoint): Decision {
  const found = { fingerprint, likeness };
  if (fits === true) return { verdict: 'serve', ...found, score: 1, vetoes: [] };
  if (fits === false) return { verdict: 'miss', ...found, vetoes: ['second look'] };
  if (likeness < LEAST_LIKENESS) return { verdict: 'miss', ...found, vetoes: ['unlike'] };
  const alignment = align(asked, prompt);
  const vetoes = vetoesOf(alignment, point.vetoes);
  if (vetoes.length > 0) return { verdict: 'miss', ...found, vetoes };
  if ((needsEveryWord(asked) || needsEveryWord(prompt)) && vetoesOf(alignment, ['any word']).length > 0) {
    return { verdict: 'grey zone', ...found, vetoes: ['long or foreign'] };
  }
  const itsScore = score(featuresOf(alignment, likeness));
  const verdict = itsScore >= point.servesFrom ? 'serve' : itsScore >= point.looksFrom ? 'grey zone' : 'miss';
  return { verdict, ...found, score: itsScore, vetoes: [] };
}

/** The score was trained on short English prompts, and says little about others. */
function needsEveryWord({ text, language }: Prompt): boolean {
  return text.length > LONG_CHARACTERS || language !== 'en';
}
