import type { Features } from '../lambda/core/routing/features.ts';
import { scores, softmax } from '../lambda/core/routing/linear.ts';
import { shuffled } from './random.ts';

/** Features with what they should lead to: a share for each output. */
export interface Sample {
  features: Features;
  /** The index of the right output. */
  target: number;
  weight: number;
}

export interface Learning {
  outputs: number;
  dimensions: number;
  epochs: number;
  rate: number;
  /** Draws every weight that is used towards zero (L2). */
  decay: number;
  random: () => number;
}

/** How many runs over differently ordered samples are averaged: the order of a few passes leaves its mark on each. */
const RUNS = 4;

function averageOfRuns(run: () => Float64Array): Float64Array {
  const runs = Array.from({ length: RUNS }, run);
  return Float64Array.from(
    runs[0] ?? [],
    (_, at) => runs.reduce((sum, weights) => sum + (weights[at] as number), 0) / RUNS,
  );
}

/**
 * Multinomial logistic regression by AdaGrad (Duchi, Hazan and Singer, 2011). Weights lie by dimension, then output. The
 * same samples and randomness give the same weights, to the last bit.
 */
export function learn(samples: readonly Sample[], learning: Learning): Float64Array {
  return averageOfRuns(() => learnOnce(samples, learning));
}

function learnOnce(samples: readonly Sample[], learning: Learning): Float64Array {
  const { outputs, dimensions, epochs, rate, decay, random } = learning;
  const weights = new Float64Array(dimensions * outputs);
  const squares = new Float64Array(dimensions * outputs).fill(1e-2);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const { features, target, weight } of shuffled(samples, random)) {
      const shares = softmax(scores(weights, features, outputs), 1);
      for (const [position, index] of features.indices.entries()) {
        const value = features.values[position] as number;
        for (let output = 0; output < outputs; output += 1) {
          const at = index * outputs + output;
          const error = (shares[output] as number) - (output === target ? 1 : 0);
          const gradient = weight * error * value + decay * (weights[at] as number);
          squares[at] = (squares[at] as number) + gradient * gradient;
          weights[at] = (weights[at] as number) - (rate * gradient) / Math.sqrt(squares[at] as number);
        }
      }
    }
  }
  return weights;
}

/** Features with the number they should lead to. */
export interface Measured {
  features: Features;
  value: number;
}

/** Linear regression by AdaGrad, of one output. */
export function regress(samples: readonly Measured[], learning: Omit<Learning, 'outputs'>): Float64Array {
  return averageOfRuns(() => regressOnce(samples, learning));
}

function regressOnce(samples: readonly Measured[], learning: Omit<Learning, 'outputs'>): Float64Array {
  const { dimensions, epochs, rate, decay, random } = learning;
  const weights = new Float64Array(dimensions);
  const squares = new Float64Array(dimensions).fill(1);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const { features, value } of shuffled(samples, random)) {
      const error = (scores(weights, features, 1)[0] as number) - value;
      for (const [position, index] of features.indices.entries()) {
        const gradient = error * (features.values[position] as number) + decay * (weights[index] as number);
        squares[index] = (squares[index] as number) + gradient * gradient;
        weights[index] = (weights[index] as number) - (rate * gradient) / Math.sqrt(squares[index] as number);
      }
    }
  }
  return weights;
}
