import type { MiddlewareObj } from '@middy/core';
import type { Call, TimedContext } from '../call.ts';
import type { Lifetime } from '../chat/lifetime.ts';
import { callFinder, type FinderPorts, type FoundCall } from '../coalescing/call-finder.ts';
import { giveUpLead, type Lead } from '../coalescing/lead.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import type { HttpResponse } from '../http.ts';
import { restoredFailure } from '../workflow/run.ts';

/** The two halves of coalescing: a lease is asked for beside the limits, and waited for after them. */
interface DeduplicateStage {
  begin(call: Call): void;
  join: MiddlewareObj<unknown, HttpResponse, Error, TimedContext>;
}

/** Questions that the cache answered lately: for these no lease is asked for in advance. */
const MAXIMUM_KNOWN_HITS = 1_000;

/**
 * One call for all requests of a scope that ask the same at the same time, or soon after: the first makes it, the others wait
 * for its answer, no longer than their own deadlines. When the first gives up or dies, one of the others takes over. Without
 * the store, requests of one process still wait for each other.
 */
export function deduplicate(ports: FinderPorts): DeduplicateStage {
  const finder = callFinder(ports);
  const knownHits = new Set<string>();

  function noteHit(fingerprint: string): void {
    knownHits.add(fingerprint);
    if (knownHits.size > MAXIMUM_KNOWN_HITS) knownHits.delete(knownHits.values().next().value as string);
  }

  return {
    begin(call) {
      const { callKey, fingerprint = '' } = call.identity ?? {};
      if (callKey !== undefined) finder.begin(call, callKey, !knownHits.has(fingerprint));
    },

    join: {
      async before({ context }) {
        const { call, lifetime } = context;
        const { callKey, fingerprint = '' } = call.identity ?? {};
        if (callKey === undefined) return;
        if (call.reused) {
          noteHit(fingerprint);
          landHit(call);
          return;
        }
        knownHits.delete(fingerprint);
        try {
          const found = await finder.find(context, callKey);
          if (found !== 'ours') use(call, found);
          else if (call.lead) shareLifetime(call.lead, lifetime);
        } catch (thrown) {
          call.error = thrown;
          throw thrown instanceof ProviderFailure ? thrown.error : thrown;
        }
      },

      async onError({ context: { call } }) {
        await giveUpLead(ports, call);
      },
    },
  };
}

/** What the cache had serves those, too, who wait for this request; an answer to other words only those who want one. */
function landHit({ lead, reused, requestId }: Call): void {
  if (!lead || !reused || !('text' in reused.answer)) return;
  const { how, modelId, answer } = reused;
  if (how === 'semantic') lead.flight.land('given up');
  else lead.flight.land({ outcome: { kind: 'answer', modelId, answer }, leader: requestId });
}

/** A caller who hangs up does not end what others of this process wait for. */
function shareLifetime({ flight }: Lead, lifetime: Lifetime): void {
  lifetime.shareWith(flight.isJoined);
  flight.onDeserted = lifetime.release;
}

/** Takes over what came of another request's call; a failure is thrown as it was. */
function use(call: Call, found: Exclude<FoundCall, 'ours'>): void {
  const { leader } = found;
  if ('broadcast' in found) {
    call.coalescedWith = leader;
    call.reused = { how: 'coalesced', modelId: found.modelId, answer: found };
    return;
  }
  const { outcome } = found;
  if (outcome.kind === 'failure') {
    call.coalescedWith = leader;
    throw restoredFailure(outcome.failure);
  }
  if (outcome.kind !== 'answer') return;
  const { answer, modelId } = outcome;
  call.coalescedWith = leader;
  call.reused = { how: 'coalesced', modelId, answer, savedMicroDollars: answer.costMicroDollars };
}
