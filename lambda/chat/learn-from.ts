import type { Call } from '../call.ts';
import { signalsOf } from '../core/routing/signals.ts';
import type { LearnedQuality } from '../learned-quality.ts';

/** What a routed request that is over tells of its models. Answers of the cache tell nothing. Never throws. */
export async function learnFrom(
  { learnedQuality }: { learnedQuality: Pick<LearnedQuality, 'note'> },
  { routing, outcome, attempts, step, reused, attemptLog = [], askedAgain }: Call,
): Promise<void> {
  if (!routing?.record || reused || attempts === 0) return;
  const answeredBy = outcome === 'answered' ? step?.modelId : undefined;
  await learnedQuality.note(signalsOf({ routing: routing.record, answeredBy, attemptLog, askedAgain }));
}
