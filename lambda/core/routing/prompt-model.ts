import { type Cues, parseCues } from './cues.ts';
import { classFeatures } from './features.ts';
import { scores, softmax } from './linear.ts';
import { outcomeFeatures } from './outcome-features.ts';
import { unpackWeights } from './packed-weights.ts';
import type { Task } from './task.ts';
import { TASK_CLASSES, type TaskClass } from './task-class.ts';

/** What was learned from prompts: `training/train.ts` makes it, one file holds it. */
export interface PromptModel {
  header: PromptModelHeader;
  cues: Cues;
  /** By dimension, then class. */
  classWeights: Int8Array;
  /** By dimension, then what is predicted: the gain of a stronger model, and how often a weak one fails. */
  outcomeWeights: Int8Array;
  /** By name. */
  topics: ReadonlyMap<string, LearnedTopic>;
}

/** Weights by dimension, and what one step of them is worth. Their score is above 0 where the topic is likelier than not. */
interface LearnedTopic {
  weights: Int8Array;
  scale: number;
}

export interface PromptModelHeader {
  format: 2;
  cueBytes: number;
  classDimensions: number;
  /** What one step of a weight is worth, by class. */
  classScales: readonly number[];
  /** By which confidence is right as often as it says. */
  temperature: number;
  outcomeDimensions: number;
  outcomeScales: readonly number[];
  /** The mean of the gains that were learned from. */
  meanGain: number;
  topicDimensions: number;
  topics: readonly { name: string; scale: number }[];
}

/** What a prompt is, as far as routing goes. */
export interface PromptReading {
  taskClass: TaskClass;
  /** How often a reading like this one is right, from 0 to 1. */
  confidence: number;
  /** How much more a stronger model gains here than on an average prompt; 1 is the average. */
  demand: number;
  /** How often a weak model fails on prompts like this one, from 0 to 1. */
  weakFailure: number;
}

/** What is predicted of a prompt's outcomes. */
export interface PredictedOutcome {
  /** How much likelier a strong model is right than a weak one. */
  gain: number;
  weakFailure: number;
}

const OUTCOMES = 2;

/**
 * Reads the file: a line of JSON, the cues, the weights of the classes, those of the outcomes, those of each topic. Throws for any
 * other file.
 */
export function parsePromptModel(file: Uint8Array): PromptModel {
  const end = file.indexOf(0x0a);
  const header = JSON.parse(text(file.subarray(0, end))) as PromptModelHeader;
  const cuesEnd = end + 1 + header.cueBytes;
  const classEnd = cuesEnd + (header.classDimensions * TASK_CLASSES.length) / 2;
  const outcomesEnd = classEnd + header.outcomeDimensions * OUTCOMES;
  const topicBytes = header.topicDimensions / 2;
  if (header.format !== 2 || file.length !== outcomesEnd + topicBytes * header.topics.length) {
    throw new Error('The prompt model is of another version than this code.');
  }
  return {
    header,
    cues: parseCues(text(file.subarray(end + 1, cuesEnd))),
    classWeights: unpackWeights(file.subarray(cuesEnd, classEnd)),
    outcomeWeights: signed(file.subarray(classEnd, outcomesEnd)),
    topics: new Map(
      header.topics.map(({ name, scale }, index) => {
        const from = outcomesEnd + index * topicBytes;
        return [name, { weights: unpackWeights(file.subarray(from, from + topicBytes)), scale }];
      }),
    ),
  };
}

/** Class, confidence and demand of a task. */
export function readPrompt(model: PromptModel, task: Task): PromptReading {
  const { header, cues, classWeights } = model;
  const raw = scores(classWeights, classFeatures(task, cues, header.classDimensions), TASK_CLASSES.length);
  const shares = softmax(
    raw.map((score, index) => score * (header.classScales[index] as number)),
    header.temperature,
  );
  const confidence = Math.max(...shares);
  const { gain, weakFailure } = predictOutcome(model, task.prompt);
  return {
    taskClass: TASK_CLASSES[shares.indexOf(confidence)] as TaskClass,
    confidence,
    demand: demandOf(gain, header.meanGain),
    weakFailure: Math.min(1, Math.max(0, weakFailure)),
  };
}

/** What public outcomes of strong and weak models teach about this prompt. */
export function predictOutcome({ header, outcomeWeights }: PromptModel, prompt: string): PredictedOutcome {
  const features = outcomeFeatures(prompt, header.outcomeDimensions);
  const [gain, failure] = scores(outcomeWeights, features, OUTCOMES) as [number, number];
  const [gainScale, failureScale] = header.outcomeScales as [number, number];
  return { gain: gain * gainScale, weakFailure: failure * failureScale };
}

/** A prediction is not trusted further than this from the average. */
const LEAST_DEMAND = 0.25;
const MOST_DEMAND = 2;

function demandOf(gain: number, meanGain: number): number {
  return Math.min(MOST_DEMAND, Math.max(LEAST_DEMAND, gain / meanGain));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function signed(bytes: Uint8Array): Int8Array {
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
