import { lostEvent, PROCESS_LOST, reservedBy } from '../core/lost-call.ts';
import type { MicroDollars } from '../core/price.ts';
import type { Pending } from './budget-item.ts';
import type { UsageEventsStore } from './usage-events.ts';

/** What a reservation costs that nobody settled; `isLost` when only the reservation tells. */
export interface UnsettledCost {
  cost: MicroDollars;
  isLost: boolean;
}

/** Finds in the ledger what a reservation cost whose lease has ended. Asked again, it says the same. */
export type CostOfUnsettled = (account: string, reservationId: string, pending: Pending) => Promise<UnsettledCost>;

/**
 * What the request's event says; the event is about the last of its calls, and those before cost nothing. A request without
 * an event gets one here, so that what is counted as spent is in the ledger, too.
 */
export function costOfUnsettled(events: UsageEventsStore, priceCatalogueVersion: string): CostOfUnsettled {
  return async (account, reservationId, { keyId, estimate, call }) => {
    const { requestId, callNumber } = reservedBy(reservationId);
    let event = await events.find(account, requestId);
    if (!event) {
      await events.record(lostEvent({ account, keyId, reservationId, estimate, call }, priceCatalogueVersion));
      // The process may have been slow, not lost, and the first to write.
      event = await events.find(account, requestId);
    }
    if (!event) throw new Error('The event of a lost call was not kept.');
    const { attempts, admissions = attempts } = event;
    const isLast = callNumber === Math.max(0, admissions - 1);
    return { cost: isLast ? event.costMicroDollars : 0, isLost: isLast && event.errorCode === PROCESS_LOST };
  };
}
