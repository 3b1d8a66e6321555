import type { MicroDollars } from './price.ts';
import { requestTimeMs } from './request-id.ts';
import { estimatedUsage } from './usage.ts';
import type { UsageEvent } from './usage-event.ts';

/** The `errorCode` of an event that nobody wrote while the request ran: its process ended before it could. */
export const PROCESS_LOST = 'process_lost';

/** What a reservation says of its call, for the event of a request whose process is lost. */
export interface ReservedCall {
  /** The model's id. */
  model: string;
  wire: string;
  stream: boolean;
  side?: UsageEvent['side'];
}

/** A reservation whose lease has ended. `call` is missing in those of older versions. */
interface LostCall {
  account: string;
  keyId: string;
  reservationId: string;
  estimate: MicroDollars;
  call?: ReservedCall | undefined;
}

/** A request's second and later calls reserve under `<request id>~<number>`. */
export function reservationId(requestId: string, callNumber: number): string {
  return callNumber === 0 ? requestId : `${requestId}~${callNumber}`;
}

/** The request of a reservation, and the number of its call, from 0 on. */
export function reservedBy(id: string): { requestId: string; callNumber: number } {
  const [requestId = '', callNumber = '0'] = id.split('~');
  return { requestId, callNumber: Number(callNumber) };
}

/**
 * The event of a request whose process was lost. Nobody knows whether the provider was asked and what it bills, so it costs
 * what was reserved: the most it can have been. Its tokens are unknown, and its end user and tags are lost with the process.
 */
export function lostEvent(lost: LostCall, priceCatalogueVersion: string): UsageEvent {
  const { account, keyId, estimate, call } = lost;
  const { requestId, callNumber } = reservedBy(lost.reservationId);
  const [provider] = call?.model.split('/') ?? [];
  return {
    requestId,
    account,
    keyId,
    startedAtMs: requestTimeMs(requestId),
    wire: call?.wire ?? 'openai',
    stream: call?.stream ?? false,
    ...(call?.side ? { side: call.side } : {}),
    requestedModel: call?.model ?? null,
    ...(call && provider !== undefined ? { model: call.model, provider } : {}),
    outcome: 'interrupted',
    errorCode: PROCESS_LOST,
    usage: estimatedUsage(0, 0),
    costMicroDollars: estimate,
    priceCatalogueVersion,
    attempts: callNumber + 1,
    latencyMs: 0,
  };
}
