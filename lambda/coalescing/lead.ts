import type { Call } from '../call.ts';
import { isEverybodys } from '../core/deduplication.ts';
import { failureDigest, sealingKey } from '../core/fingerprint.ts';
import type { CachedAnswer } from '../kept-answers.ts';
import type { Observer } from '../ports.ts';
import { storedFailure } from '../workflow/run.ts';
import { type CallLeases, LEASE_MS, type LeaseHolder, type LeaseStanding } from './call-leases.ts';
import type { Flight } from './flights.ts';
import { type SharedOutcome, sealOutcome } from './outcome.ts';

/** What a request has to do for others that ask the same: it makes the call, or waits for the process that does. */
export interface Lead {
  /** Those of this process wait here. */
  flight: Flight;
  /** For those of other processes there is a lease. */
  holder: LeaseHolder;
  /** The first try to take it; undefined when the store was not asked, or did not say. Never fails. */
  taking?: Promise<LeaseStanding | undefined>;
  /** The lease is ours, or may be: the answer to a try may have been lost. */
  mayHaveLease: boolean;
  renewal?: NodeJS.Timeout;
  /** Somebody else had the call before, and came to nothing. */
  isTakeOver: boolean;
  /** The outcome on its way to the others. Never fails. */
  finishing?: Promise<void>;
}

export interface LeadPorts {
  callLeases: CallLeases;
  observer: Observer;
  configuration: { deduplication: { windowMs: number } };
}

/** The lease is ours: it is renewed until the call is over. */
export function holdLease({ callLeases, observer }: LeadPorts, lead: Lead, callKey: string): void {
  lead.mayHaveLease = true;
  lead.renewal = setInterval(() => {
    callLeases.renew(callKey, lead.holder.owner).catch((cause) => observer.storeFailed(cause));
  }, LEASE_MS / 3);
  lead.renewal.unref();
}

/** A good answer, to those who wait for it and those who come soon. */
export function shareAnswer(ports: LeadPorts, call: Call, answer: CachedAnswer): void {
  const { step } = call;
  if (!call.lead || !step) return;
  const outcome: SharedOutcome = { kind: 'answer', modelId: step.modelId, answer };
  finish(ports, call, outcome, async () => ((await call.cache?.keeping) ? { kind: 'kept' } : outcome));
}

/** A failure, to those who wait with a request just like this one. What is this request's own is not told. */
export function shareFailure(ports: LeadPorts, call: Call, thrown: unknown): void {
  const { lead, caller, chat } = call;
  if (!lead || !caller || !chat || !isEverybodys(thrown)) return;
  const digest = failureDigest(caller.account, chat.request);
  const outcome: SharedOutcome = { kind: 'failure', failure: storedFailure(thrown), digest };
  finish(ports, call, outcome, async () => outcome);
}

/**
 * Lands the flight, and ends the lease with the outcome as it is stored: what the response cache has is not stored twice, and
 * is gone when it is deleted there.
 */
function finish(ports: LeadPorts, call: Call, outcome: SharedOutcome, stored: () => Promise<SharedOutcome>): void {
  const { lead, identity, plan, chat } = call;
  if (!lead || !identity?.callKey || !plan || !chat || lead.finishing) return;
  const { callKey, scope } = identity;
  lead.flight.land({ outcome, leader: call.requestId });
  const write = async () => {
    const sealed = await sealOutcome(await stored(), sealingKey(scope, plan.asked, chat.request));
    clearInterval(lead.renewal);
    const ended = { sealed, isFailure: outcome.kind === 'failure' };
    const { windowMs } = ports.configuration.deduplication;
    const end = () => ports.callLeases.finish(callKey, lead.holder.owner, ended, windowMs);
    // Without an end, those in other processes wait for the lease's.
    await end().catch(end);
  };
  lead.finishing = lead.mayHaveLease ? write().catch((cause) => ports.observer.storeFailed(cause)) : Promise.resolve();
}

/** The end of a request that came to nothing for others: one of them takes over. Never throws. */
export async function giveUpLead({ callLeases, observer }: LeadPorts, call: Call): Promise<void> {
  const { lead, identity } = call;
  if (!lead || !identity?.callKey || lead.finishing) return;
  lead.flight.land('given up');
  clearInterval(lead.renewal);
  await lead.taking;
  if (!lead.mayHaveLease) return;
  lead.mayHaveLease = false;
  await callLeases.giveBack(identity.callKey, lead.holder.owner).catch((cause) => observer.storeFailed(cause));
}
