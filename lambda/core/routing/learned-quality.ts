import type { Signal } from './signals.ts';
import { TASK_CLASSES, type TaskClass } from './task-class.ts';

/** What callers have said of a model's answers in a class. */
export interface Opinion {
  modelId: string;
  taskClass: TaskClass;
  count: number;
  /** From 0 to 1. */
  meanScore: number;
}

/** All that has been said, and whether it counts. */
export interface Opinions {
  /** Nothing is added, and what there is stays in force. */
  isFrozen: boolean;
  opinions: readonly Opinion[];
  /** What was seen without being said, summed up by model and class. */
  signals: readonly Signal[];
}

export const NO_OPINIONS: Opinions = { isFrozen: false, opinions: [], signals: [] };

/** Fewer scores than this are chance. */
const FEWEST = 10;

/** With so many scores, half of what they say is believed. */
const HALF_BELIEVED = 50;

/** However many scores there are, a model's quality moves no further than this. */
export const FURTHEST = 0.05;

/** Signals are cheap and blunt: it takes more of them, and they move less. */
const FEWEST_ANSWERS = 100;
const HALF_BELIEVED_ANSWERS = 500;
const SIGNALS_WEIGHT = 0.5;
export const FURTHEST_BY_SIGNALS = 0.02;

/** By how much a model's quality in a class is moved by all that was learned: never more than 0.07 up or down. */
export function learnedOffset(learned: Opinions, modelId: string, taskClass: TaskClass): number {
  return scoresOffset(learned, modelId, taskClass) + signalsOffset(learned, modelId, taskClass);
}

/**
 * By how much signals move a model's quality in a class: by half of how much less of its answers was lost than of all models'
 * in that class; nothing below 100 answers, and never more than 0.02 up or down.
 */
export function signalsOffset({ signals }: Opinions, modelId: string, taskClass: TaskClass): number {
  const ofClass = signals.filter((signal) => signal.taskClass === taskClass && signal.answers > 0);
  const own = ofClass.find((signal) => signal.modelId === modelId);
  if (!own || own.answers < FEWEST_ANSWERS) return 0;
  const lostOf = (some: readonly Signal[]) =>
    some.reduce((sum, { lostThousandths }) => sum + lostThousandths, 0) /
    some.reduce((sum, { answers }) => sum + answers, 0) /
    1_000;
  const difference = (lostOf(ofClass) - lostOf([own])) * SIGNALS_WEIGHT;
  const believed = (difference * own.answers) / (own.answers + HALF_BELIEVED_ANSWERS);
  return Math.max(-FURTHEST_BY_SIGNALS, Math.min(FURTHEST_BY_SIGNALS, believed));
}

/**
 * By how much callers' scores move a model's quality in a class: how much better it was scored than all models of that class
 * together, the less believed the fewer scores there are, and never more than 0.05 up or down.
 */
export function scoresOffset({ opinions }: Opinions, modelId: string, taskClass: TaskClass): number {
  const ofClass = opinions.filter((opinion) => opinion.taskClass === taskClass);
  const own = ofClass.find((opinion) => opinion.modelId === modelId);
  if (!own || own.count < FEWEST) return 0;
  const count = ofClass.reduce((sum, opinion) => sum + opinion.count, 0);
  const mean = ofClass.reduce((sum, opinion) => sum + opinion.count * opinion.meanScore, 0) / count;
  const believed = ((own.meanScore - mean) * own.count) / (own.count + HALF_BELIEVED);
  return Math.max(-FURTHEST, Math.min(FURTHEST, believed));
}

/** True for the name of a class. */
export function isTaskClass(name: string): name is TaskClass {
  return (TASK_CLASSES as readonly string[]).includes(name);
}
