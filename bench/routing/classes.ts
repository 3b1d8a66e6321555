import type { PromptModel } from '../../lambda/core/routing/prompt-model.ts';
import { readTask } from '../../lambda/core/routing/read-task.ts';
import { TASK_CLASSES, type TaskClass } from '../../lambda/core/routing/task-class.ts';
import type { TopicWords } from '../../lambda/core/routing/topic-words.ts';
import type { ClassRow, TopicRow } from './sets.ts';

export interface ClassResult {
  accuracy: number;
  /** How often the first class was read as the second. */
  confusion: Record<TaskClass, Record<TaskClass, number>>;
  /** Of the readings with a confidence of 0.7 and more: the share that is right, and their share of all. */
  sure: { right: number; covered: number };
  /** Confidence against the share that is right, in tenths. */
  calibration: { confidence: number; right: number; count: number }[];
  milliseconds: { p50: number; p95: number };
}

const SURE = 0.7;
const BINS = 10;

/** Reads every prompt, and compares. */
export function measureClasses(model: PromptModel, rows: readonly ClassRow[]): ClassResult {
  for (const { messages } of rows.slice(0, 200)) readTask(model, messages, {});
  const confusion = emptyConfusion();
  const times: number[] = [];
  const readings = rows.map(({ messages, class: expected }) => {
    const startedAt = performance.now();
    const { taskClass, confidence } = readTask(model, messages, {});
    times.push(performance.now() - startedAt);
    confusion[expected][taskClass] += 1;
    return { confidence, isRight: taskClass === expected };
  });
  const sure = readings.filter(({ confidence }) => confidence >= SURE);
  times.sort((one, other) => one - other);
  return {
    accuracy: shareRight(readings),
    confusion,
    sure: { right: shareRight(sure), covered: sure.length / rows.length },
    calibration: Array.from({ length: BINS }, (_, bin) => binOf(readings, bin)),
    milliseconds: { p50: at(times, 0.5), p95: at(times, 0.95) },
  };
}

interface Reading {
  confidence: number;
  isRight: boolean;
}

function binOf(readings: readonly Reading[], bin: number) {
  const inside = readings.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === bin);
  const total = inside.reduce((sum, { confidence }) => sum + confidence, 0);
  return { confidence: total / Math.max(inside.length, 1), right: shareRight(inside), count: inside.length };
}

function shareRight(readings: readonly Reading[]): number {
  return readings.filter(({ isRight }) => isRight).length / Math.max(readings.length, 1);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function emptyConfusion(): ClassResult['confusion'] {
  const row = () => Object.fromEntries(TASK_CLASSES.map((name) => [name, 0])) as Record<TaskClass, number>;
  return Object.fromEntries(TASK_CLASSES.map((name) => [name, row()])) as ClassResult['confusion'];
}

/** How many of the topics found are right, and how many of those there are were found. */
export function measureTopics(
  model: PromptModel,
  rows: readonly TopicRow[],
  topics: Readonly<Record<string, TopicWords>>,
): { precision: number; recall: number } {
  const readings = rows.map(({ messages, topic }) => ({
    topic,
    found: readTask(model, messages, topics).topic ?? null,
  }));
  const found = readings.filter((reading) => reading.found !== null);
  const there = readings.filter((reading) => reading.topic !== null);
  const right = found.filter((reading) => reading.found === reading.topic);
  return { precision: right.length / Math.max(found.length, 1), recall: right.length / Math.max(there.length, 1) };
}
