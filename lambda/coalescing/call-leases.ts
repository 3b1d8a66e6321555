/** How a call stands that several requests may want. */
export type LeaseStanding =
  /** The asker holds the lease: it makes the call. */
  | { state: 'leading' }
  /** Somebody else makes the call: the request of this id. */
  | { state: 'under way'; leader: string }
  | DoneLease
  | { state: 'free' };

/** A call that is over. */
export interface DoneLease {
  state: 'done';
  leader: string;
  owner: string;
  sealed: Uint8Array;
}

/** Who holds a lease, and for which request. */
export interface LeaseHolder {
  /** A token that nobody else has: what a holder writes after it lost its lease changes nothing. */
  owner: string;
  requestId: string;
}

/** Leases on calls, known to all processes. One ends by itself when its holder does not renew it. */
export interface CallLeases {
  /**
   * Takes a lease that is free, has ended in a failure, or is done by the owner `after`; says how it stands when it is none of
   * these.
   */
  take(callKey: string, holder: LeaseHolder, after?: string): Promise<LeaseStanding>;
  /** How a lease stands, perhaps a moment ago. Never `leading`. */
  look(callKey: string): Promise<LeaseStanding>;
  renew(callKey: string, owner: string): Promise<void>;
  /** Ends a lease with what came of the call. It is there for so long; a failure only for those who wait already. */
  finish(
    callKey: string,
    owner: string,
    ended: { sealed: Uint8Array; isFailure: boolean },
    windowMs: number,
  ): Promise<void>;
  /** Ends a lease for the next who wants it. */
  giveBack(callKey: string, owner: string): Promise<void>;
  /** Calls back when a lease has ended, where somebody tells. Answers with the function that ends that. */
  listen(callKey: string, ended: () => void): () => void;
}

/** A holder that is silent for so long is taken for dead. It renews its lease each third of it, so that one may be lost. */
export const LEASE_MS = 9_000;
