/** How often a kept answer was right or wrong for a later prompt, by the score of the two: bin 0 holds the lowest scores. */
export interface Labels {
  right: readonly number[];
  wrong: readonly number[];
}

const BINS = 50;

export const NO_LABELS: Labels = { right: Array(BINS).fill(0), wrong: Array(BINS).fill(0) };

/** The bin of a score from 0 to 1. */
export function binOf(score: number): number {
  return Math.min(BINS - 1, Math.max(0, Math.floor(score * BINS)));
}

/** The labels with one more. */
export function withLabel({ right, wrong }: Labels, score: number, isRight: boolean): Labels {
  const bin = binOf(score);
  const more = (counts: readonly number[], isCounted: boolean) =>
    counts.map((count, index) => (isCounted && index === bin ? count + 1 : count));
  return { right: more(right, isRight), wrong: more(wrong, !isRight) };
}

/** One-sided 99.5 %: many thresholds are tried, and the first answers of a lucky one would be wrong too often. */
const CONFIDENCE = 2.576;

/** The upper end of Wilson's interval (1927) for a share seen `count` times in `all`; 1 when nothing was seen. */
export function wilsonUpper(count: number, all: number, z = CONFIDENCE): number {
  if (all === 0) return 1;
  const share = count / all;
  const centre = share + z ** 2 / (2 * all);
  const spread = z * Math.sqrt((share * (1 - share)) / all + z ** 2 / (4 * all ** 2));
  return (centre + spread) / (1 + z ** 2 / all);
}

/**
 * The lowest score from which on at most `largestShare` of the answers would be wrong, with confidence: of all labels above
 * it, and of the labels of each step down to it. Infinity until there are labels enough: a cold start serves nothing that is
 * only alike.
 */
export function servesFrom({ right, wrong }: Labels, largestShare: number): number {
  let threshold = Number.POSITIVE_INFINITY;
  let [all, bad, stepAll, stepBad] = [0, 0, 0, 0];
  for (let bin = BINS - 1; bin >= 0; bin--) {
    const [good = 0, wrongHere = 0] = [right[bin], wrong[bin]];
    all += good + wrongHere;
    bad += wrongHere;
    stepAll += good + wrongHere;
    stepBad += wrongHere;
    if (wilsonUpper(stepBad, stepAll) > largestShare) {
      // A step that is clearly worse ends the way down; one with too few labels is judged together with the next.
      if (stepAll > 0 && stepBad / stepAll > 2 * largestShare && stepBad >= LEAST_WRONG) return threshold;
      continue;
    }
    if (wilsonUpper(bad, all) > largestShare) continue;
    threshold = bin / BINS;
    [stepAll, stepBad] = [0, 0];
  }
  return threshold;
}

/** So many wrong answers in a step are no accident. */
const LEAST_WRONG = 3;
