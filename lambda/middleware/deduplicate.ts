import { randomUUID } from 'node:crypto';
import type { MiddlewareObj } from '@middy/core';
import type { Call, TimedContext } from '../call.ts';
import type { LeaseStanding } from '../coalescing/call-leases.ts';
import { newFlights } from '../coalescing/flights.ts';
import { followLease } from '../coalescing/follow-lease.ts';
import { giveUpLead, holdLease, type Lead, type LeadPorts } from '../coalescing/lead.ts';
import { openOutcome, type SharedOutcome } from '../coalescing/outcome.ts';
import { sealingKey } from '../core/fingerprint.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import type { HttpResponse } from '../http.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';
import { restoredFailure } from '../workflow/run.ts';

interface DeduplicatePorts extends LeadPorts {
  responseCache: ResponseCache;
  clock: Clock;
}

/** The two halves of coalescing: a lease is asked for beside the limits, and waited for after them. */
interface DeduplicateStage {
  /** Finds out whether the same is being asked already; begins to ask for the lease when nobody here is at it. */
  begin(call: Call): void;
  join: MiddlewareObj<unknown, HttpResponse, Error, TimedContext>;
}

/** For so long nothing is asked of a store that has failed. */
const REST_MS = 5_000;

/** Fingerprints that were answered by the cache lately: for these no lease is asked for in advance. */
const MAXIMUM_KNOWN_HITS = 1_000;

/** Somebody's outcome, or that this request makes the call. */
type Found = { outcome: SharedOutcome; leader: string } | 'ours' | 'given up';

/**
 * One call for all requests of a scope that ask the same at the same time, or soon after: the first makes it, the others wait
 * for its answer, no longer than their own deadlines. When the first gives up or dies, one of the others takes over. Without
 * the store, requests of one process still wait for each other.
 */
export function deduplicate(ports: DeduplicatePorts): DeduplicateStage {
  const { callLeases, clock, observer } = ports;
  const flights = newFlights();
  const knownHits = new Set<string>();
  let restsUntilMs = 0;

  async function orRest<Value>(asked: Promise<Value>): Promise<Value | undefined> {
    try {
      return await asked;
    } catch (cause) {
      observer.storeFailed(cause);
      restsUntilMs = clock() + REST_MS;
      return undefined;
    }
  }

  function takeLease({ holder }: Lead, fingerprint: string): Promise<LeaseStanding | undefined> {
    return clock() < restsUntilMs ? Promise.resolve(undefined) : orRest(callLeases.take(fingerprint, holder));
  }

  function newLead(call: Call, fingerprint: string): Lead {
    const holder = { owner: randomUUID(), requestId: call.requestId };
    const lead: Lead = { flight: flights.begin(fingerprint), holder, hasLease: false };
    call.lead = lead;
    return lead;
  }

  /** Makes the call, or waits for the process that does. */
  async function see(call: Call, lead: Lead, fingerprint: string, signal: AbortSignal): Promise<Found> {
    lead.taking ??= takeLease(lead, fingerprint);
    let standing = await lead.taking;
    if (standing?.state === 'under way') {
      standing = await followLease(callLeases, fingerprint, lead.holder, signal).catch((thrown) => {
        if (signal.aborted) throw thrown;
        return orRest<LeaseStanding>(Promise.reject(thrown));
      });
    }
    if (standing?.state === 'leading') holdLease(ports, lead, fingerprint);
    if (standing?.state !== 'done') return 'ours';
    const { leader, sealed } = standing;
    const outcome = await outcomeIn(call, sealed);
    lead.flight.land({ outcome, leader });
    delete call.lead;
    return { outcome, leader };
  }

  async function find(call: Call, fingerprint: string, signal: AbortSignal): Promise<Found> {
    if (call.lead) return see(call, call.lead, fingerprint, signal);
    const flight = flights.find(fingerprint);
    return flight ? unlessEnded(flight.landed, signal) : see(call, newLead(call, fingerprint), fingerprint, signal);
  }

  /** An outcome in the store; a kept answer is looked up in the cache, and where it is gone, each asks for itself. */
  async function outcomeIn(call: Call, sealed: Uint8Array): Promise<SharedOutcome> {
    const { identity, plan, chat } = call;
    if (!identity || !plan || !chat) return { kind: 'none' };
    const outcome = await openOutcome(sealed, sealingKey(identity.scope, plan.asked, chat.request));
    if (outcome.kind !== 'kept') return outcome;
    const answer = await orRest(ports.responseCache.find(identity.scope, identity.fingerprint));
    return answer ? { kind: 'answer', modelId: plan.asked, answer } : { kind: 'none' };
  }

  function rememberHit(fingerprint: string): void {
    knownHits.add(fingerprint);
    if (knownHits.size > MAXIMUM_KNOWN_HITS) knownHits.delete(knownHits.values().next().value as string);
  }

  return {
    begin(call) {
      const { identity } = call;
      if (!identity?.mayShare || flights.find(identity.fingerprint)) return;
      const lead = newLead(call, identity.fingerprint);
      if (!knownHits.has(identity.fingerprint)) lead.taking = takeLease(lead, identity.fingerprint);
    },

    join: {
      async before({ context: { call, lifetime } }) {
        const { identity, reused } = call;
        if (!identity?.mayShare) return;
        const { fingerprint } = identity;
        if (reused) {
          rememberHit(fingerprint);
          const outcome: SharedOutcome = { kind: 'answer', modelId: reused.modelId, answer: reused.answer };
          call.lead?.flight.land({ outcome, leader: call.requestId });
          return;
        }
        knownHits.delete(fingerprint);
        try {
          let found: Found;
          do found = await find(call, fingerprint, lifetime.signal);
          while (found === 'given up');
          if (found !== 'ours') useOutcome(call, found.outcome, found.leader);
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

/** Takes over what came of another request's call, as far as it serves this one; a failure is thrown as it was. */
function useOutcome(call: Call, outcome: SharedOutcome, leader: string): void {
  if (outcome.kind === 'failure') {
    call.coalescedWith = leader;
    throw restoredFailure(outcome.failure);
  }
  // A fallback's answer serves only who would have taken one from it.
  if (outcome.kind !== 'answer' || !call.plan?.steps.some(({ modelId }) => modelId === outcome.modelId)) return;
  call.coalescedWith = leader;
  call.reused = { how: 'coalesced', answer: outcome.answer, modelId: outcome.modelId };
}

async function unlessEnded<Value>(awaited: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([awaited, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
