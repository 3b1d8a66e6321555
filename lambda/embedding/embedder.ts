/** Turns texts into vectors of length 1 that lie the closer the more alike the texts are. */
export interface Embedder {
  /** Names the model and its size: vectors of different ones cannot be compared, and are kept apart. */
  readonly id: string;
  /** Throws when the model does not answer, or the signal ends the wait. */
  embed(text: string, signal?: AbortSignal): Promise<Float32Array>;
}

/** The same direction with length 1; zeros stay zeros. */
export function ofLengthOne(numbers: Iterable<number>): Float32Array {
  const vector = Float32Array.from(numbers);
  let squares = 0;
  for (const part of vector) squares += part * part;
  const length = Math.sqrt(squares);
  return length === 0 ? vector : vector.map((part) => part / length);
}
