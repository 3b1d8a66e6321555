import type { Model } from '../configuration.ts';
import { costOf, type MicroDollars } from '../price.ts';
import { estimatedUsage } from '../usage.ts';
import type { TaskClass } from './task-class.ts';

/**
 * Tokens an answer is expected to have, by class: round figures, of which only the order matters for a choice. What is
 * translated or rewritten comes out about as long as it went in.
 */
const ANSWER_TOKENS: Readonly<Record<TaskClass, number>> = {
  coding: 600,
  math: 400,
  translation: 50,
  summarization: 150,
  extraction: 150,
  reasoning: 600,
  writing: 500,
  qa: 250,
  chat: 80,
};

/** What an answer of this class is expected to cost, and the mixed price per million tokens that follows from it. */
export function estimateCost(
  model: Model,
  taskClass: TaskClass,
  inputTokens: number,
  maxOutputTokens: number | undefined,
): { cost: MicroDollars; pricePer1M: number } {
  const expected = ANSWER_TOKENS[taskClass] + (taskClass === 'translation' ? inputTokens : 0);
  const outputTokens = Math.min(expected, maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const cost = costOf(estimatedUsage(inputTokens, outputTokens), model.price);
  return { cost, pricePer1M: round(cost / (inputTokens + outputTokens)) };
}

/** Micro-dollars a token are dollars a million tokens. */
function round(dollars: number): number {
  return Math.round(dollars * 1_000) / 1_000;
}
