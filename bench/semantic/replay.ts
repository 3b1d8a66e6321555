import { type Labels, NO_LABELS, servesFrom, withLabel } from '../../lambda/core/semantic/error-controller.ts';
import type { OperatingPoint } from '../../lambda/core/semantic/operating-points.ts';
import type { Judge } from './judged.ts';
import { seededRandom, shuffled } from './random.ts';
import type { Request } from './sets.ts';
import { CANDIDATES } from './stream.ts';

export interface Replay {
  requests: number;
  hits: number;
  wrong: number;
  checked: number;
}

/** The threshold follows the labels once in so many requests. */
const REFRESH_EVERY = 100;

/**
 * Replays a stream in an order of the seed's with the error controller at work, as `lambda/chat/look-again.ts` feeds it: hits and near
 * misses get a second look, at most the given share of the requests. `neighbours` has the places of the nearest requests of each.
 */
export function replay(
  stream: readonly Request[],
  neighbours: readonly (readonly number[])[],
  judge: Judge,
  point: OperatingPoint,
  { largestShare, shareOfQuestions }: { largestShare: number; shareOfQuestions: number },
  seed: number,
): Replay {
  const random = seededRandom(seed);
  const order = shuffled(
    stream.map((_, place) => place),
    random,
  );
  const kept = new Set<number>();
  let labels: Labels = NO_LABELS;
  let threshold = servesFrom(labels, largestShare);
  let [hits, wrong, checked, due] = [0, 0, 0, random()];
  for (const [index, place] of order.entries()) {
    if (index % REFRESH_EVERY === 0) threshold = servesFrom(labels, largestShare);
    const near = (neighbours[place] ?? []).filter((other) => kept.has(other)).slice(0, CANDIDATES);
    const { score, isRight } = best(stream, place, near, judge, point);
    if (score > 0 && score >= threshold) {
      hits++;
      wrong += isRight ? 0 : 1;
    } else kept.add(place);
    due = Math.min(1 + shareOfQuestions, due + shareOfQuestions);
    if (score < Math.min(point.looksFrom, threshold) || due < 1) continue;
    due -= 1;
    checked++;
    labels = withLabel(labels, score, isRight);
  }
  return { requests: order.length, hits, wrong, checked };
}

/** The best of the nearest entries, by score; 0 when each has a veto. */
function best(stream: readonly Request[], place: number, near: readonly number[], judge: Judge, point: OperatingPoint) {
  const { prompt, answer } = stream[place] as Request;
  let found = { score: 0, isRight: false };
  for (const other of near) {
    const kept = stream[other] as Request;
    const score = judge.scoreOf(prompt, kept.prompt, point);
    if (score > found.score) found = { score, isRight: kept.answer === answer };
  }
  return found;
}
