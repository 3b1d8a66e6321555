/**
 * Trains the score of the semantic cache and writes lambda/core/semantic/weights.json. The same data and seed give the same
 * bytes.
 *
 *   node bench/semantic/train.ts
 *
 * Everything it learns from was written for this: the groups in bench/semantic/training. Pairs that a veto stops anyway are
 * left out, since the score is never asked about them.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { align } from '../../lambda/core/semantic/alignment.ts';
import { FEATURES, featuresOf } from '../../lambda/core/semantic/features.ts';
import { cosine } from '../../lambda/core/semantic/nearest.ts';
import { DEFAULT_VETOES } from '../../lambda/core/semantic/operating-points.ts';
import { analyse } from '../../lambda/core/semantic/prompt.ts';
import { chanceOf, type Network } from '../../lambda/core/semantic/score.ts';
import { vetoesOf } from '../../lambda/core/semantic/vetoes/index.ts';
import { embedAll } from './embedded.ts';
import { seededRandom, shuffled } from './random.ts';
import { type Group, groupsIn, type Pair, pairsOf } from './sets.ts';

const HIDDEN_UNITS = 12;
const NETWORKS = 5;
const EPOCHS = 40;
const BATCH = 32;
const LEARNING_RATE = 0.005;
const DECAY = 1e-3;
/** A wrong answer is worse than a call too many. */
const WEIGHT_OF_MISS = 1.5;
const NEIGHBOURS = 6;

interface Example {
  features: Float64Array;
  isSame: boolean;
  group: number;
}

const folder = new URL('training/', import.meta.url);
const groups: Group[] = readdirSync(folder)
  .sort()
  .flatMap((file) => groupsIn(readFileSync(new URL(file, folder), 'utf8')));

/** What people put around a question: each is the same question. */
const COURTESIES: readonly ((prompt: string) => string)[] = [
  (prompt) => `Please answer: ${prompt}`,
  (prompt) => `${prompt} Thanks!`,
  (prompt) => `Hi, ${prompt.charAt(0).toLowerCase()}${prompt.slice(1)}`,
  (prompt) => prompt.toLowerCase().replace(/[?.!]+$/, ''),
];

function courtesies({ equal: [prompt = ''], kind }: Group): Pair[] {
  return COURTESIES.map((around) => ({ a: prompt, b: around(prompt), isSame: true, kind }));
}

const vectors = await embedAll(
  groups.flatMap((group) => [...group.equal, ...group.misses, ...courtesies(group).map(({ b }) => b)]),
);
const vectorOf = (prompt: string) => vectors.get(prompt) as Float32Array;

/** The nearest prompts of other groups: they ask something else, and are what a cache finds first. */
function neighbours(own: number): { a: string; b: string }[] {
  return (groups[own] as Group).equal.flatMap((a) =>
    groups
      .flatMap(({ equal }, other) => (other === own ? [] : equal))
      .map((b) => ({ a, b, likeness: cosine(vectorOf(a), vectorOf(b)) }))
      .sort((one, two) => two.likeness - one.likeness)
      .slice(0, NEIGHBOURS),
  );
}

function examples(): Example[] {
  return groups.flatMap((group, index) => {
    const { kind, misses } = group;
    const amongMisses = misses.flatMap((a, place) =>
      misses.slice(place + 1).map((b) => ({ a, b, isSame: false, kind })),
    );
    const others = neighbours(index).map(({ a, b }) => ({ a, b, isSame: false, kind }));
    return [...pairsOf(group), ...courtesies(group), ...amongMisses, ...others].flatMap(({ a, b, isSame }) => {
      const alignment = align(analyse(a), analyse(b));
      if (vetoesOf(alignment, DEFAULT_VETOES).length > 0) return [];
      const features = Float64Array.from(featuresOf(alignment, cosine(vectorOf(a), vectorOf(b))));
      return [{ features, isSame, group: index }];
    });
  });
}

/** Adam (Kingma and Ba 2015) on the logistic loss. */
function train(all: readonly Example[], random: () => number): Network {
  const size = FEATURES.length;
  const parameters = Float64Array.from({ length: HIDDEN_UNITS * (size + 2) + 1 }, (_, index) =>
    index < HIDDEN_UNITS * size ? (random() - 0.5) * 0.6 : (random() - 0.5) * 0.2,
  );
  const mean = new Float64Array(parameters.length);
  const square = new Float64Array(parameters.length);
  let order = [...all];
  let step = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    order = shuffled(order, random);
    for (let start = 0; start < order.length; start += BATCH) {
      const batch = order.slice(start, start + BATCH);
      const gradient = gradientOf(parameters, batch);
      step++;
      const rate = LEARNING_RATE * (1 - epoch / EPOCHS);
      for (let index = 0; index < parameters.length; index++) {
        const slope = (gradient[index] ?? 0) + DECAY * (parameters[index] ?? 0);
        mean[index] = 0.9 * (mean[index] ?? 0) + 0.1 * slope;
        square[index] = 0.999 * (square[index] ?? 0) + 0.001 * slope * slope;
        const corrected = (mean[index] ?? 0) / (1 - 0.9 ** step);
        const spread = Math.sqrt((square[index] ?? 0) / (1 - 0.999 ** step)) + 1e-8;
        parameters[index] = (parameters[index] ?? 0) - (rate * corrected) / spread;
      }
    }
  }
  return networkOf(parameters);
}

function innerOf(parameters: Float64Array, features: Float64Array): Float64Array {
  const [size, biases] = [features.length, HIDDEN_UNITS * features.length];
  const inner = new Float64Array(HIDDEN_UNITS);
  for (let unit = 0; unit < HIDDEN_UNITS; unit++) {
    let sum = parameters[biases + unit] as number;
    for (let index = 0; index < size; index++) {
      sum += (parameters[unit * size + index] as number) * (features[index] as number);
    }
    inner[unit] = Math.tanh(sum);
  }
  return inner;
}

/** How the loss of a batch changes with each parameter. */
function gradientOf(parameters: Float64Array, batch: readonly Example[]): Float64Array {
  const gradient = new Float64Array(parameters.length);
  for (const example of batch) addGradient(gradient, parameters, example, 1 / batch.length);
  return gradient;
}

function addGradient(
  gradient: Float64Array,
  parameters: Float64Array,
  { features, isSame }: Example,
  share: number,
): void {
  const size = features.length;
  const [biases, outputs, last] = [HIDDEN_UNITS * size, HIDDEN_UNITS * (size + 1), parameters.length - 1];
  const at = (index: number) => parameters[index] as number;
  const add = (index: number, amount: number) => {
    gradient[index] = (gradient[index] as number) + amount;
  };
  const inner = innerOf(parameters, features);
  const total = inner.reduce((sum, value, unit) => sum + at(outputs + unit) * value, at(last));
  const chance = 1 / (1 + Math.exp(-total));
  const error = (isSame ? chance - 1 : chance * WEIGHT_OF_MISS) * share;
  add(last, error);
  for (const [unit, value] of inner.entries()) {
    add(outputs + unit, error * value);
    const back = error * at(outputs + unit) * (1 - value * value);
    add(biases + unit, back);
    for (let index = 0; index < size; index++) add(unit * size + index, back * (features[index] as number));
  }
}

/** Rounded, so that a last bit that one machine computes otherwise does not show. */
function networkOf(parameters: Float64Array): Network {
  const size = FEATURES.length;
  const rounded = Array.from(parameters, (value) => Math.round(value * 1_000) / 1_000);
  const rows = Array.from({ length: HIDDEN_UNITS }, (_, unit) => rounded.slice(unit * size, (unit + 1) * size));
  const biases = rounded.slice(HIDDEN_UNITS * size, HIDDEN_UNITS * (size + 1));
  const outputs = rounded.slice(HIDDEN_UNITS * (size + 1), HIDDEN_UNITS * (size + 2));
  return {
    hidden: { weights: rows, biases },
    output: { weights: [outputs], biases: [rounded[rounded.length - 1] ?? 0] },
  };
}

function meanOf(networks: readonly Network[], features: Float64Array): number {
  return networks.reduce((sum, network) => sum + chanceOf(network, [...features]), 0) / networks.length;
}

function trainAll(all: readonly Example[]): Network[] {
  return Array.from({ length: NETWORKS }, (_, seed) => train(all, seededRandom(seed + 1)));
}

/** Scores of each example by networks that have not seen its group: one fold of the groups after the other is left out. */
function crossScores(all: readonly Example[], folds: number): { score: number; isSame: boolean }[] {
  return Array.from({ length: folds }, (_, fold) => fold).flatMap((fold) => {
    const networks = trainAll(all.filter(({ group }) => group % folds !== fold));
    return all
      .filter(({ group }) => group % folds === fold)
      .map(({ features, isSame }) => ({ score: meanOf(networks, features), isSame }));
  });
}

const all = examples();
const same = all.filter(({ isSame }) => isSame).length;
console.log(`${groups.length} groups, ${all.length} pairs after the vetoes, ${same} of them equal`);
if (process.argv.includes('--cross')) {
  const scored = crossScores(all, 5);
  for (const threshold of [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98]) {
    const served = scored.filter(({ score }) => score >= threshold);
    const right = served.filter(({ isSame }) => isSame).length;
    console.log(
      `at ${threshold}: right ${((100 * right) / same).toFixed(1)} %, wrong ${served.length - right} of ${all.length - same}`,
    );
  }
}
const table = {
  source: 'Written by bench/semantic/train.ts from bench/semantic/training.',
  features: FEATURES,
  networks: trainAll(all),
};
writeFileSync(new URL('../../lambda/core/semantic/weights.json', import.meta.url), `${JSON.stringify(table)}\n`);
