import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { readOwnOutcomes } from './templates.ts';

const FOLDER = join(import.meta.dirname, 'text');

/** How right strong and weak models were about a prompt, from 0 to 1. */
export interface Outcome {
  prompt: string;
  strong: number;
  weak: number;
}

/**
 * A row of the public outcomes: of RouteLLM's, a pair of models and perhaps a subject; of LLMRouter's, one score for each of
 * its nine models.
 */
export interface PublicOutcome {
  set: 'mmlu' | 'gsm8k' | 'llmrouter';
  prompt: string;
  strong?: number;
  weak?: number;
  subject?: string;
  scores?: number[];
}

/** All outcomes that are learned from: public ones, and our own lines. */
export function readOutcomes(): Outcome[] {
  return [...readPublicOutcomes().map(pairOf), ...ownOutcomes()];
}

/** The public outcomes as they were published, put together. */
export function readPublicOutcomes(): PublicOutcome[] {
  return brotliDecompressSync(readFileSync(join(FOLDER, 'outcomes.jsonl.br')))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The nine models of LLMRouter's outcomes, and their prices. */
export function readOutcomeModels(): { models: string[]; dollarsPerMillion: number[] } {
  return JSON.parse(readFileSync(join(FOLDER, 'llmrouter-models.json'), 'utf8'));
}

/** Of LLMRouter's nine models, two that are strong and four that are weak throughout, by place. */
const STRONG = [3, 4];
const WEAK = [1, 2, 7, 8];

function pairOf({ prompt, strong = 0, weak = 0, scores }: PublicOutcome): Outcome {
  if (!scores) return { prompt, strong, weak };
  const mean = (places: number[]) => places.reduce((sum, place) => sum + (scores[place] ?? 0), 0) / places.length;
  return { prompt, strong: mean(STRONG), weak: mean(WEAK) };
}

/** How often each of our own lines counts, against outcomes that were measured on many prompts of a kind. */
const OWN_COPIES = 12;

/** Our own lines: any model is right about the easy ones, only strong ones about the demanding. */
function ownOutcomes(): Outcome[] {
  return Array.from({ length: OWN_COPIES }, () =>
    readOwnOutcomes().map(({ prompt, isEasy }) => ({ prompt, strong: 1, weak: isEasy ? 1 : 0 })),
  ).flat();
}
