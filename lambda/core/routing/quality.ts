import type { TaskClass } from './task-class.ts';

/** What is published of a model: how good it is, at what. */
export interface PublishedQuality {
  /** Where the figures are from. */
  source: string;
  /** From 0 to 100, over all that was measured. */
  score: number;
  /** Its place among so many, over all and by subject. What is absent was not measured. */
  place?: Place;
  coding?: Place;
  math?: Place;
  writing?: Place;
  /** Tokens of output a second, where the provider publishes them. */
  tokensPerSecond?: number;
}

export type Place = readonly [place: number, of: number];

/**
 * How far the quality of answers spreads between strong and weak models, by class; 1 where it spreads most.
 * Coding, math and extraction: the gap between GPT-4 and Mixtral 8x7B on MT-Bench by category (outcomes published with
 * RouteLLM), 20 % and 16 % of the stronger one's quality; on GSM8K 26 %. Reasoning: their gap on MMLU, 16 %. Writing and
 * chat: 1 to 3 % on MT-Bench. Questions: between MMLU's 16 % and the 1 % of MT-Bench's humanities. For translation and
 * summarization no outcomes are public; they are taken to lie between.
 */
const SPREAD: Readonly<Record<TaskClass, number>> = {
  coding: 1,
  math: 1,
  extraction: 0.8,
  reasoning: 0.75,
  qa: 0.5,
  translation: 0.3,
  summarization: 0.3,
  writing: 0.15,
  chat: 0.1,
};

/** The subject whose places speak for a class; the others have none of their own. */
const SUBJECT: Readonly<Partial<Record<TaskClass, 'coding' | 'math' | 'writing'>>> = {
  coding: 'coding',
  math: 'math',
  reasoning: 'math',
  writing: 'writing',
  chat: 'writing',
};

/** How much of the score it is worth to be the first in a subject rather than the last. */
const SUBJECT_WEIGHT = 0.2;

/** How good a model is at a class before anything is known of the prompt, from 0 to 1. */
export function priorQuality(published: PublishedQuality, taskClass: TaskClass): number {
  const subject = SUBJECT[taskClass];
  const own = subject === undefined ? undefined : published[subject];
  const lead = own && published.place ? standing(own) - standing(published.place) : 0;
  const level = Math.min(1, Math.max(0, published.score / 100 + SUBJECT_WEIGHT * lead));
  return 1 - SPREAD[taskClass] * (1 - level);
}

/** 1 for the first, 0 for the last. */
function standing([place, of]: Place): number {
  return 1 - (place - 1) / Math.max(of - 1, 1);
}

/**
 * The quality to expect on this prompt: what a model lacks of the best one counts as much more, or less, as the prompt
 * demands more, or less, than an average one. The order of models stays as it is; below 0 is as bad as 0.
 */
export function expectedQuality(prior: number, best: number, demand: number): number {
  return best - (best - prior) * demand;
}

export type Complexity = 'low' | 'medium' | 'high';

/** Below and above these. */
const LOW_BELOW = 0.2;
const HIGH_FROM = 0.38;

/** How much of a prompt's own difficulty counts even where models hardly differ. */
const LEAST_SPREAD = 0.4;

/**
 * What it costs a weaker model to get a prompt right: how often it fails on prompts like this one, less in the classes in
 * which failures are slight.
 */
export function complexityOf(taskClass: TaskClass, weakFailure: number): Complexity {
  const cost = weakFailure * (LEAST_SPREAD + (1 - LEAST_SPREAD) * SPREAD[taskClass]);
  if (cost < LOW_BELOW) return 'low';
  return cost < HIGH_FROM ? 'medium' : 'high';
}
