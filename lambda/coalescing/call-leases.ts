/** How a call stands that several requests may want. */
export type LeaseStanding =
  /** The asker holds the lease: it makes the call. */
  | { state: 'leading' }
  /** Somebody else makes the call: the request of this id. */
  | { state: 'under way'; leader: string }
  | { state: 'done'; leader: string; sealed: Uint8Array }
  | { state: 'free' };

/** Who holds a lease, and for which request. */
export interface LeaseHolder {
  /** A token that nobody else has: what a holder writes after it lost its lease changes nothing. */
  owner: string;
  requestId: string;
}

/** Leases on calls, known to all processes. One ends by itself when its holder does not renew it. */
export interface CallLeases {
  /** Takes a lease that is free; says how it stands when it is not. */
  take(fingerprint: string, holder: LeaseHolder): Promise<LeaseStanding>;
  /** How a lease stands, perhaps a moment ago. Never `leading`. */
  look(fingerprint: string): Promise<LeaseStanding>;
  renew(fingerprint: string, owner: string): Promise<void>;
  /** Ends a lease with what came of the call, which is there for whoever asks for so long. */
  finish(fingerprint: string, owner: string, sealed: Uint8Array, windowMs: number): Promise<void>;
  /** Ends a lease for the next who wants it. */
  giveBack(fingerprint: string, owner: string): Promise<void>;
  /** Calls back when a lease has ended, where somebody tells. Answers with the function that ends that. */
  listen(fingerprint: string, ended: () => void): () => void;
}

/** A holder that is silent for so long is taken for dead. It renews its lease at half of this. */
export const LEASE_MS = 6_000;
