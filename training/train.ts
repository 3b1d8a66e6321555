import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCues } from '../lambda/core/routing/cues.ts';
import { classFeatures, type Features } from '../lambda/core/routing/features.ts';
import { scores, softmax } from '../lambda/core/routing/linear.ts';
import { outcomeFeatures } from '../lambda/core/routing/outcome-features.ts';
import { packWeights } from '../lambda/core/routing/packed-weights.ts';
import type { PromptModelHeader } from '../lambda/core/routing/prompt-model.ts';
import { TASK_CLASSES } from '../lambda/core/routing/task-class.ts';
import { makeExamples } from './examples.ts';
import { learn, regress, type Sample } from './learn.ts';
import { type Outcome, readOutcomes } from './outcomes.ts';
import { seededRandom } from './random.ts';
import { learnTopics, TOPIC_DIMENSIONS } from './topics.ts';

/**
 * `node training/train.ts` makes the prompt model from the texts in this folder, and writes it where it is loaded from.
 * The same texts make the same file, to the last byte; `training/prompt-model.sha256` says which.
 */
const CLASS_DIMENSIONS = 38_912;
const OUTCOME_DIMENSIONS = 32_768;

export const SEEDS = { examples: 7, classes: 11, outcomes: 5 };
const CLASS_LEARNING = {
  outputs: TASK_CLASSES.length,
  dimensions: CLASS_DIMENSIONS,
  epochs: 6,
  rate: 0.1,
  decay: 3e-5,
};
/** How outcomes are learned from; the bench learns others in the same way. */
export const OUTCOME_LEARNING = { dimensions: OUTCOME_DIMENSIONS, epochs: 2, rate: 0.01, decay: 1e-4 };

/**
 * Real prompts are further from the training text than lines that were kept back, so the temperature found on those is raised
 * by this factor. It was chosen on real prompts (auto-j's training prompts, from which nothing else is learned).
 */
const CAUTION = 1.5;

/** One in so many lines is kept back to find the temperature. */
const FOLDS = 5;

export interface Trained {
  file: Uint8Array;
  /** Of the lines that were kept back: the share that was read right by a model that had not seen them. */
  keptBackAccuracy: number;
}

/** Learns everything, and puts it into one file. */
export function train(): Trained {
  const cueFile = readFileSync(join(import.meta.dirname, 'cues.txt'));
  const cues = parseCues(cueFile.toString());
  const examples = makeExamples(seededRandom(SEEDS.examples));
  const samples = examples.map((example) => ({
    line: example.line,
    features: classFeatures(example.task, cues, CLASS_DIMENSIONS),
    target: TASK_CLASSES.indexOf(example.label),
    weight: example.weight,
  }));
  const isKeptBack = ({ line }: { line: number }) => Math.imul(line, 0x9e3779b1) >>> 0 < 0x1_0000_0000 / FOLDS;
  const keptBack = samples.filter(isKeptBack);
  const partial = learnClasses(samples.filter((sample) => !isKeptBack(sample)));
  const temperature = bestTemperature(partial, keptBack);
  const classes = packWeights(learnClasses(samples), TASK_CLASSES.length);
  const outcomes = readOutcomes();
  const learned = quantized(learnOutcomes(outcomes), 2);
  const topics = learnTopics(examples).map(({ name, weights }) => ({ name, packed: packWeights(weights, 1) }));
  const header: PromptModelHeader = {
    format: 2,
    cueBytes: cueFile.length,
    classDimensions: CLASS_DIMENSIONS,
    classScales: classes.scales,
    temperature: rounded(temperature * CAUTION),
    outcomeDimensions: OUTCOME_DIMENSIONS,
    outcomeScales: learned.scales,
    meanGain: rounded(outcomes.reduce((sum, { strong, weak }) => sum + strong - weak, 0) / outcomes.length),
    topicDimensions: TOPIC_DIMENSIONS,
    topics: topics.map(({ name, packed }) => ({ name, scale: packed.scales[0] as number })),
  };
  const parts = [
    Buffer.from(`${JSON.stringify(header)}\n`),
    cueFile,
    classes.bytes,
    learned.steps,
    ...topics.map(({ packed }) => packed.bytes),
  ];
  return { file: Buffer.concat(parts), keptBackAccuracy: accuracy(partial, keptBack) };
}

function learnClasses(samples: readonly Sample[]): Float64Array {
  return learn(samples, { ...CLASS_LEARNING, random: seededRandom(SEEDS.classes) });
}

/** The weights of the gain and of the weak models' failures, by dimension. */
function learnOutcomes(outcomes: readonly Outcome[]): Float64Array {
  const features = outcomes.map(({ prompt }) => outcomeFeatures(prompt, OUTCOME_DIMENSIONS));
  const learned = [({ strong, weak }: Outcome) => strong - weak, ({ weak }: Outcome) => 1 - weak].map((outcomeOf) =>
    regress(
      outcomes.map((outcome, index) => ({ features: features[index] as Features, value: outcomeOf(outcome) })),
      { ...OUTCOME_LEARNING, random: seededRandom(SEEDS.outcomes) },
    ),
  );
  return Float64Array.from({ length: OUTCOME_DIMENSIONS * 2 }, (_, at) => learned[at % 2]?.[at >> 1] ?? 0);
}

/** The temperature under which the right classes were the least surprising (Guo et al., 2017), to a twentieth. */
function bestTemperature(weights: Float64Array, samples: readonly Sample[]): number {
  const raw = samples.map(({ features }) => scores(weights, features, TASK_CLASSES.length));
  const surprise = (temperature: number) =>
    samples.reduce((sum, { target, weight }, index) => {
      const shares = softmax(raw[index] as number[], temperature);
      return sum - weight * Math.log(Math.max(shares[target] as number, 1e-9));
    }, 0);
  const candidates = Array.from({ length: 60 }, (_, index) => rounded(0.5 + index * 0.05));
  return candidates.reduce((best, candidate) => (surprise(candidate) < surprise(best) ? candidate : best), 1);
}

function accuracy(weights: Float64Array, samples: readonly Sample[]): number {
  const right = samples.filter(({ features, target }) => {
    const found = scores(weights, features, TASK_CLASSES.length);
    return found.indexOf(Math.max(...found)) === target;
  });
  return right.length / samples.length;
}

/** Weights beyond this share of the largest ones are rare, and cut off, so that the others keep more of their detail. */
const KEPT_RANGE = 0.9995;

/** Weights as whole steps from -127 to 127, with what a step is worth for each output. */
function quantized(weights: Float64Array, outputs: number): { steps: Uint8Array; scales: number[] } {
  const scales = Array.from({ length: outputs }, (_, output) => {
    const sizes = weights
      .filter((weight, at) => at % outputs === output && weight !== 0)
      .map(Math.abs)
      .sort();
    return rounded((sizes[Math.floor(sizes.length * KEPT_RANGE)] ?? 1) / 127);
  });
  const steps = Int8Array.from(weights, (weight, at) =>
    Math.max(-127, Math.min(127, Math.round(weight / (scales[at % outputs] as number)))),
  );
  return { steps: new Uint8Array(steps.buffer), scales };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

if (import.meta.main) {
  const { file, keptBackAccuracy } = train();
  const hash = createHash('sha256').update(file).digest('hex');
  writeFileSync(join(import.meta.dirname, '../lambda/routing/prompt-model.bin'), file);
  writeFileSync(join(import.meta.dirname, 'prompt-model.sha256'), `${hash}\n`);
  console.log(
    `${file.length} bytes, ${hash}; ${(keptBackAccuracy * 100).toFixed(1)} % of kept back examples read right`,
  );
}
