import type { Labels } from './core/semantic/error-controller.ts';

/** Where a pair of questions lies: among those of one embedder that only differ in the last turn. */
export interface Neighbourhood {
  embedder: string;
  neighbourhood: string;
}

/** What second looks at kept answers have shown. No text of a question is in it. */
export interface SecondLooks {
  /** Which of the kept answers a question has been judged with, by fingerprint, and whether they fitted. */
  judgedWith(where: Neighbourhood, prompt: string): Promise<ReadonlyMap<string, boolean>>;
  /** How often likeness was right and wrong in a group of questions; at most a minute old. */
  labels(group: string): Promise<Labels>;
  /** Writes down what a second look has shown. A pair that was judged without a score says nothing about scores. */
  add(
    where: Neighbourhood,
    look: { prompt: string; fingerprint: string; fits: boolean; group: string; score: number | undefined },
  ): Promise<void>;
}
