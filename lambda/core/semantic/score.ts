import { createHash } from 'node:crypto';
import weights from './weights.json' with { type: 'json' };

/** Names the weights: what was learned of the scores of others says nothing about these. */
export const SCORE_VERSION = createHash('sha256').update(JSON.stringify(weights.networks)).digest('hex').slice(0, 8);

interface Layer {
  /** One row for each unit of the layer. */
  weights: number[][];
  biases: number[];
}

/** A small network: one hidden layer with the hyperbolic tangent, and one output. */
export interface Network {
  hidden: Layer;
  output: Layer;
}

/** The chance, from 0 to 1, that one answer serves both prompts: the mean of the trained networks. */
export function score(features: readonly number[]): number {
  const networks: readonly Network[] = weights.networks;
  return networks.reduce((sum, network) => sum + chanceOf(network, features), 0) / networks.length;
}

/** What one network says, from 0 to 1. */
export function chanceOf({ hidden, output }: Network, features: readonly number[]): number {
  const inner = hidden.weights.map((row, unit) => Math.tanh(dot(row, features) + (hidden.biases[unit] ?? 0)));
  return 1 / (1 + Math.exp(-(dot(output.weights[0] ?? [], inner) + (output.biases[0] ?? 0))));
}

function dot(row: readonly number[], values: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < row.length; index++) sum += (row[index] ?? 0) * (values[index] ?? 0);
  return sum;
}
