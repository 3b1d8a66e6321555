import type { Labels } from './core/semantic/error-controller.ts';

/** Where a pair of questions lies: among those of one embedder that only differ in the last turn. */
export interface Neighbourhood {
  embedder: string;
  neighbourhood: string;
}

/** What a look at a question and a kept answer has shown. */
export interface SecondLook {
  fits: boolean;
  /** When the answer was kept that was looked at: a later one to the same question is another. */
  answerStoredAtMs: number;
}

/** What second looks at kept answers have shown. No text of a question is in it. */
export interface SecondLooks {
  /** The looks at a question with kept answers, by their fingerprints. */
  judgedWith(where: Neighbourhood, prompt: string): Promise<ReadonlyMap<string, SecondLook>>;
  /** How often likeness was right and wrong in a group of questions; at most a minute old. */
  labels(group: string): Promise<Labels>;
  /**
   * Writes down what a second look has shown, the first of several at the same pair. One without a score says nothing about
   * scores.
   */
  add(
    where: Neighbourhood,
    look: SecondLook & { prompt: string; fingerprint: string; group: string; score: number | undefined },
  ): Promise<void>;
}
