import { randomUUID } from 'node:crypto';
import type { Call, TimedContext } from '../call.ts';
import { isYoungEnough } from '../core/chat-request.ts';
import { failureDigest, sealingKey } from '../core/fingerprint.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';
import type { DoneLease, LeaseStanding } from './call-leases.ts';
import { type FollowedAnswer, type LiveAnswer, newFlights, type SharedLanding } from './flights.ts';
import { type EndedLease, followLease } from './follow-lease.ts';
import { holdLease, type Lead, type LeadPorts } from './lead.ts';
import { openOutcome, type SharedOutcome } from './outcome.ts';

export interface FinderPorts extends LeadPorts {
  responseCache: ResponseCache;
  clock: Clock;
}

/** What a request finds: what came of somebody's call, an answer that is being made, or that the call is its own to make. */
export type FoundCall = SharedLanding | FollowedAnswer | 'ours';

/** Finds for each request the call that serves it, in this process or another. */
export interface CallFinder {
  /** Says that this request sees to the call, unless somebody here does; asks for the lease at once if that is likely to help. */
  begin(call: Call, callKey: string, isLikelyMissed: boolean): void;
  /** Waits until it is clear. Throws the request's own end. */
  find(context: TimedContext, callKey: string): Promise<FoundCall>;
}

/** For so long nothing is asked of a store that has failed. */
const REST_MS = 5_000;

/** A live answer is not followed by who may wait for so much longer than its leader. */
const SHORTER_MS = 5_000;

/** A finder of a process. */
export function callFinder(ports: FinderPorts): CallFinder {
  const { callLeases, clock, observer } = ports;
  const flights = newFlights();
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

  async function take(lead: Lead, callKey: string, after?: string): Promise<LeaseStanding | undefined> {
    if (clock() < restsUntilMs) return undefined;
    // Until the store has said otherwise: a try whose answer is lost may have succeeded.
    lead.mayHaveLease = true;
    const standing = await orRest(callLeases.take(callKey, lead.holder, after));
    if (standing) lead.mayHaveLease = standing.state === 'leading';
    return standing;
  }

  function newLead(call: Call, callKey: string, isTakeOver: boolean): Lead {
    const holder = { owner: randomUUID(), requestId: call.requestId };
    const lead: Lead = { flight: flights.begin(callKey), holder, mayHaveLease: false, isTakeOver };
    call.lead = lead;
    return lead;
  }

  /** Makes the call, or waits for the process that does. What is of no use to those who ask is as if it were not there. */
  async function see(call: Call, lead: Lead, callKey: string, signal: AbortSignal): Promise<FoundCall> {
    lead.taking ??= take(lead, callKey);
    let standing = await whenEnded(lead, callKey, await lead.taking, signal);
    while (standing?.state === 'done') {
      const found = await outcomeFor(call, standing);
      if (found) {
        lead.flight.land(found);
        delete call.lead;
        return found;
      }
      standing = await whenEnded(lead, callKey, await take(lead, callKey, standing.owner), signal);
    }
    if (standing) holdLease(ports, lead, callKey);
    return 'ours';
  }

  /** How a lease stands once nobody else is at the call; undefined when the store does not say. */
  async function whenEnded(
    lead: Lead,
    callKey: string,
    standing: LeaseStanding | undefined,
    signal: AbortSignal,
  ): Promise<EndedLease | undefined> {
    if (!standing || standing.state === 'leading' || standing.state === 'done') return standing;
    lead.isTakeOver = true;
    // Taking it over may succeed without our hearing of it, too.
    lead.mayHaveLease = true;
    try {
      return await followLease(callLeases, callKey, lead.holder, signal);
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      return orRest(Promise.reject(thrown));
    }
  }

  /** The outcome in the store, if it is of use to this request. */
  async function outcomeFor(call: Call, { sealed, leader }: DoneLease): Promise<SharedLanding | undefined> {
    const { identity, plan, chat } = call;
    if (!identity || !plan || !chat) return undefined;
    const outcome = await openOutcome(sealed, sealingKey(identity.scope, plan.asked, chat.request));
    if (outcome.kind !== 'kept') return isFor(call, outcome, clock()) ? { outcome, leader } : undefined;
    const answer = await orRest(ports.responseCache.find(identity.scope, identity.fingerprint, { isFresh: true }));
    return answer && { outcome: { kind: 'answer', modelId: plan.asked, answer }, leader };
  }

  return {
    begin(call, callKey, isLikelyMissed) {
      if (flights.find(callKey)) return;
      const lead = newLead(call, callKey, false);
      if (isLikelyMissed) lead.taking = take(lead, callKey);
    },

    async find(context, callKey) {
      const { call, lifetime } = context;
      for (;;) {
        const flight = call.lead ? undefined : flights.find(callKey);
        if (!flight) return see(call, call.lead ?? newLead(call, callKey, true), callKey, lifetime.signal);
        const seen = await flight.wait(lifetime.signal, (live) => canFollow(context, live));
        if (seen !== 'given up' && ('broadcast' in seen || isFor(call, seen.outcome, clock()))) return seen;
      }
    },
  };
}

/** True for who wants a live stream, and gains nothing by waiting for the whole answer. */
function canFollow({ call, deadlineAtMs }: TimedContext, live: LiveAnswer): boolean {
  const { request } = call.chat ?? {};
  if (!request?.stream || request.options.isHeld) return false;
  return live.broadcast.isOpen() && live.deadlineAtMs >= deadlineAtMs - SHORTER_MS;
}

/** True for an answer that is young enough for this request, a failure that would be its own, and that there is nothing. */
function isFor({ caller, chat }: Call, outcome: SharedOutcome, nowMs: number): boolean {
  if (!caller || !chat) return false;
  if (outcome.kind === 'none') return true;
  if (outcome.kind === 'failure') return outcome.digest === failureDigest(caller.account, chat.request);
  return outcome.kind === 'answer' && isYoungEnough(outcome.answer, chat.request.options.cache, nowMs);
}
