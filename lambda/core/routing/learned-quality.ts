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
}

export const NO_OPINIONS: Opinions = { isFrozen: false, opinions: [] };

/** Fewer scores than this are chance. */
const FEWEST = 10;

/** With so many scores, half of what they say is believed. */
const HALF_BELIEVED = 50;

/** However many scores there are, a model's quality moves no further than this. */
export const FURTHEST = 0.05;

/**
 * By how much callers' scores move a model's quality in a class: how much better it was scored than all models of that class
 * together, the less believed the fewer scores there are, and never more than 0.05 up or down.
 */
export function learnedOffset({ opinions }: Opinions, modelId: string, taskClass: TaskClass): number {
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
