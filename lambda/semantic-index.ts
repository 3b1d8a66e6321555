/** What an entry of the index is made of, beside the kept answer that it leads to. */
export interface NewNeighbour {
  /** Which model made the vector; vectors of others cannot be compared with it. */
  embedder: string;
  /** The fingerprint of everything but the prompt. */
  neighbourhood: string;
  prompt: string;
  vector: Float32Array;
  /** It also goes into the database's own vector index. */
  isIndexed: boolean;
}

/** An entry that is near to a prompt. */
export interface Neighbour {
  /** Names the kept answer. */
  fingerprint: string;
  prompt: string;
  /** The cosine of the two vectors. */
  likeness: number;
}

/** The prompts of kept answers by their vectors. Entries come and go with the answers. */
export interface SemanticIndex {
  /** The entries of a neighbourhood that are nearest to a vector, the nearest first. */
  nearest(embedder: string, neighbourhood: string, vector: Float32Array, count: number): Promise<Neighbour[]>;
  /** Lets go of an entry whose answer turned out to be gone. */
  forget(embedder: string, neighbourhood: string, fingerprint: string): void;
}
