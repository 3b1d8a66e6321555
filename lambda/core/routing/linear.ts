import type { Features } from './features.ts';

/** The score of each output of a linear model. Its weights lie by dimension, then output. */
export function scores(weights: ArrayLike<number>, { indices, values }: Features, outputs: number): number[] {
  const sums = new Array<number>(outputs).fill(0);
  for (let position = 0; position < indices.length; position += 1) {
    const at = (indices[position] as number) * outputs;
    const value = values[position] as number;
    for (let output = 0; output < outputs; output += 1) {
      sums[output] = (sums[output] as number) + value * (weights[at + output] as number);
    }
  }
  return sums;
}

/** Scores as shares that sum up to 1; a higher temperature makes them more alike. */
export function softmax(values: readonly number[], temperature: number): number[] {
  const top = Math.max(...values);
  const powers = values.map((value) => Math.exp((value - top) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
