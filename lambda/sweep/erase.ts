import { afterTurn, type Erasure } from '../core/erasure.ts';
import { given } from '../core/given.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Clock, Erasures } from '../ports.ts';

export interface ErasePorts {
  erasures: Erasures;
  /** Takes end users and tags out of events; out of how many. */
  eraseEvents(which: { account: string; user: string | undefined; untilMs: number }): Promise<number>;
  responseCache: Pick<ResponseCache, 'list' | 'remove'>;
  clock: Clock;
}

/**
 * Carries out the orders to erase that are under way, as far as they can be now. Doing it twice changes nothing. Throws, once
 * all have had their turn, what went wrong with one.
 */
export async function carryOutErasures(ports: ErasePorts): Promise<void> {
  let failure: { thrown: unknown } | undefined;
  for (const erasure of await ports.erasures.pending()) {
    try {
      await ports.erasures.progress(await takeTurn(ports, erasure));
    } catch (thrown) {
      failure ??= { thrown };
    }
  }
  if (failure) throw failure.thrown;
}

async function takeTurn({ eraseEvents, responseCache, clock }: ErasePorts, erasure: Erasure): Promise<Erasure> {
  const { account, user, requestedAtMs } = erasure;
  const nowMs = clock();
  const kept = await responseCache.list({ account }, given({ user }));
  await responseCache.remove({ account }, kept);
  const requests = await eraseEvents({ account, user, untilMs: requestedAtMs });
  return afterTurn(erasure, { requests, keptAnswers: kept.length }, nowMs);
}
