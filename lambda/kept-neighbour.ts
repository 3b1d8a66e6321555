import type { SemanticPair } from './call.ts';
import type { Decision } from './core/semantic/decide.ts';
import { servesFrom } from './core/semantic/error-controller.ts';
import { OPERATING_POINTS, type OperatingPoint } from './core/semantic/operating-points.ts';
import type { SemanticQuestion } from './core/semantic-question.ts';
import type { Embedder } from './embedding/embedder.ts';
import type { SecondLook, SecondLooks } from './second-looks.ts';
import type { SemanticIndex } from './semantic-index.ts';

/** What the semantic cache of a deployment works with. */
export interface Semantic {
  embedder: Embedder;
  index: SemanticIndex;
  secondLooks: SecondLooks;
}

/** What was decided for a question. */
export interface KeptNeighbour {
  decision: Decision;
  /** The threshold, where second looks decide it. */
  servesFrom?: number;
  /** The question and the kept answer that serves it, or nearly does. */
  pair?: SemanticPair;
  /** The kept answer that a second look has found to fit is the one kept then. */
  fittingStoredAtMs?: number;
}

/** So many of the nearest entries are judged: the nearest by vector is often a near miss. */
const CANDIDATES = 8;

/** Looks for a kept answer to the same question in other words, and decides whether it serves. */
export async function keptNeighbour(
  { embedder, index, secondLooks }: Semantic,
  { prompt, neighbourhood, mode, group: questions, largestWrongShare }: SemanticQuestion,
  vector: Promise<Float32Array>,
  isChecked: boolean,
): Promise<KeptNeighbour> {
  // Loaded with the first question, not with the process: the tables are large.
  const [{ decide }, { analyse }, { SCORE_VERSION }] = await Promise.all([
    import('./core/semantic/decide.ts'),
    import('./core/semantic/prompt.ts'),
    import('./core/semantic/score.ts'),
  ]);
  const where = { embedder: embedder.id, neighbourhood };
  const group = `${questions}#${embedder.id}#${SCORE_VERSION}`;
  const [near, judged, point] = await Promise.all([
    vector.then((its) => index.nearest(embedder.id, neighbourhood, its, CANDIDATES)),
    isChecked ? secondLooks.judgedWith(where, prompt) : NOTHING_JUDGED,
    pointOf(secondLooks, OPERATING_POINTS[mode], group, largestWrongShare),
  ]);
  const candidates = near.map((entry) => ({
    ...entry,
    prompt: analyse(entry.prompt),
    fits: judged.get(entry.fingerprint)?.fits,
  }));
  const decision = decide(analyse(prompt), candidates, point);
  const { verdict, fingerprint, score } = decision;
  const kept = near.find((entry) => entry.fingerprint === fingerprint);
  const look = fingerprint === undefined ? undefined : judged.get(fingerprint);
  return {
    decision,
    ...(largestWrongShare === undefined ? {} : { servesFrom: point.servesFrom }),
    ...(look ? { fittingStoredAtMs: look.answerStoredAtMs } : {}),
    ...(verdict !== 'miss' && kept !== undefined
      ? { pair: { where, fingerprint: kept.fingerprint, kept: kept.prompt, asked: prompt, group, score } }
      : {}),
  };
}

const NOTHING_JUDGED: ReadonlyMap<string, SecondLook> = new Map();

/** The mode's own point; where a largest share of wrong answers is stated, as low as the labels so far carry it. */
async function pointOf(
  secondLooks: SecondLooks,
  point: OperatingPoint,
  group: string,
  largestWrongShare: number | undefined,
): Promise<OperatingPoint> {
  if (largestWrongShare === undefined) return point;
  return { ...point, servesFrom: servesFrom(await secondLooks.labels(group), largestWrongShare) };
}
