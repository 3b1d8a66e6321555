import { hash } from '../../lambda/core/routing/hash.ts';
import { scores } from '../../lambda/core/routing/linear.ts';
import { outcomeFeatures } from '../../lambda/core/routing/outcome-features.ts';
import { type PromptModel, predictOutcome } from '../../lambda/core/routing/prompt-model.ts';
import { regress } from '../../training/learn.ts';
import { readOutcomes } from '../../training/outcomes.ts';
import { seededRandom } from '../../training/random.ts';
import { OUTCOME_LEARNING } from '../../training/train.ts';
import type { ManyRow, ManySet, PairRow } from './sets.ts';

/** A point of a curve: how much of the dearer thing is used, and what quality that has. */
export interface CurvePoint {
  share: number;
  quality: number;
}

export interface PairResult {
  /** `shipped`: by the weights that ship; `folds`: by weights that have not seen the subject, or prompt. */
  by: 'shipped' | 'folds';
  weakQuality: number;
  strongQuality: number;
  /** The share of calls to the strong model that 95 % of its quality takes, and what chance would take. */
  strongCalls: number;
  strongCallsByChance: number;
  curve: CurvePoint[];
}

const FOLDS = 5;
const KEPT_QUALITY = 0.95;

/** How few calls of the strong model keep 95 % of its quality, when those with the largest predicted gain go to it. */
export function measurePair(model: PromptModel, rows: readonly PairRow[]): PairResult {
  const learnedFrom = new Set(readOutcomes().map(({ prompt }) => prompt));
  const seen = rows.filter(({ prompt }) => learnedFrom.has(prompt)).length;
  const isSeen = seen > rows.length / 2;
  const gains = isSeen ? gainsByFolds(rows) : rows.map(({ prompt }) => predictOutcome(model, prompt).gain);
  const order = gains.map((gain, index) => ({ gain, row: rows[index] as PairRow })).sort((a, b) => b.gain - a.gain);
  const weakQuality = mean(rows.map(({ weak }) => weak));
  const strongQuality = mean(rows.map(({ strong }) => strong));
  let quality = weakQuality;
  const curve = [{ share: 0, quality }];
  for (const [index, { row }] of order.entries()) {
    quality += (row.strong - row.weak) / rows.length;
    curve.push({ share: (index + 1) / rows.length, quality });
  }
  const least = KEPT_QUALITY * strongQuality;
  return {
    by: isSeen ? 'folds' : 'shipped',
    weakQuality,
    strongQuality,
    strongCalls: curve.find((point) => point.quality >= least)?.share ?? 1,
    strongCallsByChance: Math.max(0, (least - weakQuality) / (strongQuality - weakQuality)),
    curve,
  };
}

/** Predicted gains by models that have not seen the row's subject, or where there is none, its prompt. */
function gainsByFolds(rows: readonly PairRow[]): number[] {
  const foldOf = ({ subject, prompt }: PairRow) => hash(subject ?? prompt) % FOLDS;
  const others = readOutcomes();
  const gains = rows.map(() => 0);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const heldBack = new Set(rows.filter((row) => foldOf(row) === fold).map(({ prompt }) => prompt));
    const known = others.filter(({ prompt }) => !heldBack.has(prompt));
    const weights = learn(known.map(({ prompt, strong, weak }) => ({ prompt, value: strong - weak })));
    for (const [index, row] of rows.entries()) if (foldOf(row) === fold) gains[index] = predict(weights, row.prompt);
  }
  return gains;
}

export interface ManyResult {
  /** `folds`: measured on the history itself, by weights that had not seen the prompt. */
  by: 'test' | 'folds';
  rows: number;
  bestSingle: { model: string; quality: number; dollarsPerMillion: number };
  tolerance: number;
  /** Against always the best single model. */
  saved: number;
  quality: number;
  /** Cost against quality, both as shares of the best single model's, over all tolerances. */
  curve: CurvePoint[];
}

/** Quality that is aimed at on the history, of the best single model's: some of it is lost on prompts not seen. */
const AIMED_AT = 1;

/**
 * What is saved against the best single model, when each prompt goes to the cheapest model whose predicted quality is within
 * a tolerance of the best. The tolerance is found on the history, never on what is measured.
 */
export function measureMany({ models, dollarsPerMillion, history, test }: ManySet): ManyResult {
  const known = new Set(history.map(({ prompt }) => prompt));
  const clean = test.filter(({ prompt }) => !known.has(prompt));
  const byFolds = predictByFolds(history);
  const found = toleranceFor(history, byFolds, dollarsPerMillion);
  const isTest = clean.length > 0;
  const rows = isTest ? clean : history;
  const predicted = isTest ? predictAll(history, clean) : byFolds;
  const single = bestSingle(rows, models, dollarsPerMillion);
  const routed = (tolerance: number) => route(rows, predicted, dollarsPerMillion, tolerance);
  const { quality, dollars } = routed(found);
  return {
    by: isTest ? 'test' : 'folds',
    rows: rows.length,
    bestSingle: single,
    tolerance: found,
    saved: 1 - dollars / single.dollarsPerMillion,
    quality: quality / single.quality,
    curve: TOLERANCES.map((tolerance) => {
      const point = routed(tolerance);
      return { share: point.dollars / single.dollarsPerMillion, quality: point.quality / single.quality };
    }),
  };
}

const TOLERANCES = Array.from({ length: 121 }, (_, index) => index * 0.005);

function toleranceFor(rows: readonly ManyRow[], predicted: number[][], dollarsPerMillion: number[]): number {
  const single = bestSingle(rows, [], dollarsPerMillion);
  const enough = TOLERANCES.filter(
    (tolerance) => route(rows, predicted, dollarsPerMillion, tolerance).quality >= AIMED_AT * single.quality,
  );
  return enough.at(-1) ?? 0;
}

function bestSingle(rows: readonly ManyRow[], models: readonly string[], dollarsPerMillion: readonly number[]) {
  const qualities = dollarsPerMillion.map((_, model) => mean(rows.map((row) => row.scores[model] as number)));
  const quality = Math.max(...qualities);
  const index = qualities.indexOf(quality);
  return { model: models[index] ?? '', quality, dollarsPerMillion: dollarsPerMillion[index] as number };
}

function route(
  rows: readonly ManyRow[],
  predicted: readonly number[][],
  dollarsPerMillion: readonly number[],
  tolerance: number,
): { quality: number; dollars: number } {
  let quality = 0;
  let dollars = 0;
  for (const [index, row] of rows.entries()) {
    const expected = predicted[index] as number[];
    const least = Math.max(...expected) - tolerance;
    const fitting = expected.flatMap((value, model) => (value >= least ? [model] : []));
    const price = (model: number) => dollarsPerMillion[model] as number;
    const [taken] = fitting.sort(
      (one, other) => price(one) - price(other) || (expected[other] as number) - (expected[one] as number),
    ) as [number];
    quality += row.scores[taken] as number;
    dollars += price(taken);
  }
  return { quality: quality / rows.length, dollars: dollars / rows.length };
}

function predictByFolds(rows: readonly ManyRow[]): number[][] {
  const predicted = rows.map((): number[] => []);
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const isIn = ({ prompt }: ManyRow) => hash(prompt) % FOLDS === fold;
    const heldBack = rows.filter(isIn);
    const found = predictAll(
      rows.filter((row) => !isIn(row)),
      heldBack,
    );
    let next = 0;
    for (const [index, row] of rows.entries()) if (isIn(row)) predicted[index] = found[next++] as number[];
  }
  return predicted;
}

function predictAll(history: readonly ManyRow[], rows: readonly ManyRow[]): number[][] {
  const count = history[0]?.scores.length ?? 0;
  const weights = Array.from({ length: count }, (_, model) =>
    learn(history.map(({ prompt, scores: right }) => ({ prompt, value: right[model] as number }))),
  );
  return rows.map(({ prompt }) => weights.map((own) => predict(own, prompt)));
}

const remembered = new Map<string, ReturnType<typeof outcomeFeatures>>();

function featuresOf(prompt: string) {
  const known = remembered.get(prompt) ?? outcomeFeatures(prompt, OUTCOME_LEARNING.dimensions);
  remembered.set(prompt, known);
  return known;
}

function learn(rows: readonly { prompt: string; value: number }[]): Float64Array {
  const samples = rows.map(({ prompt, value }) => ({ features: featuresOf(prompt), value }));
  return regress(samples, { ...OUTCOME_LEARNING, random: seededRandom(1) });
}

function predict(weights: Float64Array, prompt: string): number {
  return scores(weights, featuresOf(prompt), 1)[0] as number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
