import type { Committed } from '../core/budget.ts';
import type { ReservedCall } from '../core/lost-call.ts';
import type { MicroDollars } from '../core/price.ts';

/** A call under way, as it lies in the day's item at `p#<request id>`. */
export interface Pending {
  keyId: string;
  estimate: MicroDollars;
  expiresAtMs: number;
  /** It is counted among the side calls, not among those that somebody waits for. */
  isSideCall?: boolean;
  call?: ReservedCall;
}

/** An account's day: one item in the `usage` table at `pk = budget#<account>`, `sk = <day>`. */
export interface BudgetDay {
  /** Always what is spent plus what is pending. */
  committed: MicroDollars;
  spent: MicroDollars;
  callsInFlight: number;
  /** Calls that nobody waits for. */
  sideCallsInFlight: number;
  /** Nothing may be reserved here any more: the next day has begun for somebody. */
  isClosed: boolean;
  pending: Record<string, Pending>;
  /** What was spent for calls whose process was lost, by reservation: one that turns out to live corrects it. */
  lost: Record<string, MicroDollars>;
  /** Committed by key id. */
  committedByKey: Record<string, MicroDollars>;
}

const PENDING = 'p#';
const LOST = 'l#';
const BY_KEY = 'k#';

/** The counter of calls under way that this one belongs to. */
export const inFlightAttribute = ({ isSideCall }: { isSideCall?: boolean }) =>
  isSideCall ? 'sideCallsInFlight' : 'callsInFlight';

export const pendingAttribute = (requestId: string) => PENDING + requestId;
export const lostAttribute = (requestId: string) => LOST + requestId;
export const keyAttribute = (keyId: string) => BY_KEY + keyId;

/** The day an item holds; a missing item is a day without a call. */
export function readDay(item: Record<string, unknown> | undefined): BudgetDay {
  const day: BudgetDay = {
    committed: Number(item?.committed ?? 0),
    spent: Number(item?.spent ?? 0),
    callsInFlight: Number(item?.callsInFlight ?? 0),
    sideCallsInFlight: Number(item?.sideCallsInFlight ?? 0),
    isClosed: item?.isClosed === true,
    pending: {},
    lost: {},
    committedByKey: {},
  };
  for (const [attribute, value] of Object.entries(item ?? {})) {
    if (attribute.startsWith(PENDING)) day.pending[attribute.slice(PENDING.length)] = value as Pending;
    if (attribute.startsWith(LOST)) day.lost[attribute.slice(LOST.length)] = Number(value);
    if (attribute.startsWith(BY_KEY)) day.committedByKey[attribute.slice(BY_KEY.length)] = Number(value);
  }
  return day;
}

/** What several days have committed together, for the account and for one key. */
export function sumDays(days: readonly BudgetDay[], keyId: string): Committed {
  return {
    account: days.reduce((sum, day) => sum + day.committed, 0),
    key: days.reduce((sum, day) => sum + (day.committedByKey[keyId] ?? 0), 0),
  };
}
