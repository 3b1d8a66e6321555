import type { SemanticMode } from './operating-points.ts';

/** Whose vectors are compared: the small encoder in a process of its own, Amazon Titan, or a provider's `/embeddings`. */
export type EmbedderChoice =
  | { kind: 'in process' }
  | { kind: 'bedrock'; region: string }
  | { kind: 'provider'; provider: string; model: string; dimensions?: number };

/** The semantic cache of a deployment. */
export interface SemanticCaching {
  /** False: nothing is embedded, compared or deployed for it. */
  isOn: boolean;
  /** True for every request that says nothing else; false where only a rule or the request itself asks for it. */
  isForAll: boolean;
  mode: SemanticMode;
  embedder: EmbedderChoice;
  /** So long a request waits for it at most; without, 60 ms for the encoder in process and 150 ms for the others. */
  timeLimitMs?: number;
  /**
   * `scan` compares exactly, and holds the entries in memory; `dynamodb` searches the table's own vector index, which then is
   * deployed with the table.
   */
  index: 'scan' | 'dynamodb';
  /** So many of the newest entries, of those that may serve a request, are compared. */
  maximumEntries: number;
  /** Now and then a model is asked whether a kept answer serves; undefined: never. */
  checks?: SemanticChecking;
}

/** Second looks at kept answers: at those that served, and at those that nearly did. */
export interface SemanticChecking {
  /** The cheap model that looks. Its calls are paid by the account whose question it was. */
  model: string;
  /** At most this share of the questions, from 0 to 1. */
  shareOfQuestions: number;
  /**
   * Of what is served for its likeness at most this share may be wrong, from 0 to 1: the mode's threshold then gives way to
   * what the checks have shown, which at first is nothing. A rule may say another. Without, the mode decides.
   */
  largestWrongShare?: number;
}

/** How many numbers the vectors of an embedder have; undefined for a provider's where nothing says it. */
export function dimensionsOf(embedder: EmbedderChoice): number | undefined {
  if (embedder.kind === 'in process') return 512;
  return embedder.kind === 'bedrock' ? 256 : embedder.dimensions;
}

/** How long a request waits for the semantic cache at most. */
export function semanticTimeLimitMs({ timeLimitMs, embedder }: SemanticCaching): number {
  return timeLimitMs ?? (embedder.kind === 'in process' ? 60 : 150);
}
