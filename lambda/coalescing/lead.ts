import type { Call } from '../call.ts';
import { isEverybodys } from '../core/deduplication.ts';
import { sealingKey } from '../core/fingerprint.ts';
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
  /** The first try to take it; undefined when the store could not say. Never fails. */
  taking?: Promise<LeaseStanding | undefined>;
  hasLease: boolean;
  renewal?: NodeJS.Timeout;
  /** The outcome on its way to the others. Never fails. */
  finishing?: Promise<void>;
}

export interface LeadPorts {
  callLeases: CallLeases;
  observer: Observer;
  configuration: { deduplication: { windowMs: number } };
}

/** The lease is ours: it is renewed until the call is over. */
export function holdLease({ callLeases, observer }: LeadPorts, lead: Lead, fingerprint: string): void {
  lead.hasLease = true;
  lead.renewal = setInterval(() => {
    callLeases.renew(fingerprint, lead.holder.owner).catch((cause) => observer.storeFailed(cause));
  }, LEASE_MS / 2);
  lead.renewal.unref();
}

/** A good answer, to those who wait for it and those who come soon. */
export function shareAnswer(ports: LeadPorts, call: Call, answer: CachedAnswer): void {
  const { step } = call;
  if (!call.lead || !step) return;
  const outcome: SharedOutcome = { kind: 'answer', modelId: step.modelId, answer };
  finish(ports, call, outcome, async () => ((await call.cache?.keeping) ? { kind: 'kept' } : outcome));
}

/** A failure that meets everybody who asks the same, to those who wait. What is this request's own is not told. */
export function shareFailure(ports: LeadPorts, call: Call, thrown: unknown): void {
  if (!call.lead || !isEverybodys(thrown)) return;
  const outcome: SharedOutcome = { kind: 'failure', failure: storedFailure(thrown) };
  finish(ports, call, outcome, async () => outcome);
}

/**
 * Lands the flight, and ends the lease with the outcome as it is stored: what the response cache has is not stored twice, and
 * is gone when it is deleted there.
 */
function finish(ports: LeadPorts, call: Call, outcome: SharedOutcome, stored: () => Promise<SharedOutcome>): void {
  const { lead, identity, plan, chat } = call;
  if (!lead || !identity || !plan || !chat || lead.finishing) return;
  lead.flight.land({ outcome, leader: call.requestId });
  lead.finishing = (async () => {
    if (!lead.hasLease) return;
    const sealed = await sealOutcome(await stored(), sealingKey(identity.scope, plan.asked, chat.request));
    clearInterval(lead.renewal);
    const { windowMs } = ports.configuration.deduplication;
    await ports.callLeases.finish(identity.fingerprint, lead.holder.owner, sealed, windowMs);
  })().catch((cause) => ports.observer.storeFailed(cause));
}

/** The end of a request that came to nothing for others: one of them takes over. Never throws. */
export async function giveUpLead({ callLeases, observer }: LeadPorts, call: Call): Promise<void> {
  const { lead, identity } = call;
  if (!lead || !identity || lead.finishing) return;
  lead.flight.land('given up');
  clearInterval(lead.renewal);
  const isTaken = lead.hasLease || (await lead.taking)?.state === 'leading';
  if (!isTaken) return;
  await callLeases.giveBack(identity.fingerprint, lead.holder.owner).catch((cause) => observer.storeFailed(cause));
}
