import { type Decision, decide } from '../../lambda/core/semantic/decide.ts';
import { nearestOf } from '../../lambda/core/semantic/nearest.ts';
import type { OperatingPoint } from '../../lambda/core/semantic/operating-points.ts';
import type { Judge } from './judged.ts';
import type { Request } from './sets.ts';

/** How many of the nearest entries are judged, as the cache does. */
export const CANDIDATES = 8;

/** A request with what the cache found for it, when nothing had been served before: right or wrong if it were served. */
export interface Found {
  likeness: number;
  isLikestRight: boolean;
  decision: Decision;
  isRight: boolean;
}

/** The nearest other requests of each, the nearest first, as places in the stream. */
export function nearest(stream: readonly Request[], judge: Judge, count: number): number[][] {
  const entries = stream.map(({ prompt }, place) => ({ place, vector: judge.vector(prompt) }));
  return entries.map(({ place, vector }) =>
    nearestOf(vector, entries, count + 1)
      .map(({ entry }) => entry.place)
      .filter((other) => other !== place)
      .slice(0, count),
  );
}

/** Every request against all before it; the operating point's thresholds are not used. */
export function foundIn(stream: readonly Request[], judge: Judge, point: OperatingPoint): Found[] {
  const before: { request: Request; place: number; vector: Float32Array }[] = [];
  return stream.map((request, place) => {
    const vector = judge.vector(request.prompt);
    const near = nearestOf(vector, before, CANDIDATES);
    before.push({ request, place, vector });
    const candidates = near.map(({ entry, likeness }) => ({
      fingerprint: String(entry.place),
      prompt: judge.prompt(entry.request.prompt),
      likeness,
    }));
    const decision = decide(judge.prompt(request.prompt), candidates, point);
    const chosen = decision.fingerprint === undefined ? undefined : stream[Number(decision.fingerprint)];
    return {
      likeness: near[0]?.likeness ?? 0,
      isLikestRight: near[0]?.entry.request.answer === request.answer,
      decision,
      isRight: chosen?.answer === request.answer,
    };
  });
}

/** The share of requests that some request before them has the answer for. */
export function idealShare(stream: readonly Request[]): number {
  const seen = new Set<string>();
  let ideal = 0;
  for (const { answer } of stream) {
    if (seen.has(answer)) ideal++;
    seen.add(answer);
  }
  return ideal / stream.length;
}
