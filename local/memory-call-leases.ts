import { type CallLeases, LEASE_MS, type LeaseStanding } from '../lambda/coalescing/call-leases.ts';
import type { Clock } from '../lambda/ports.ts';

interface Lease {
  owner: string;
  requestId: string;
  standsUntilMs: number;
  sealed?: Uint8Array;
  isFailure?: boolean;
}

/**
 * Leases on calls for a gateway that is the only process of its database: nobody else could see them there, and each would cost
 * two of the embedded database's writes.
 */
export function memoryCallLeases(clock: Clock): CallLeases {
  /** Those that stand longest are last, or nearly: what is written goes to the end. */
  const leases = new Map<string, Lease>();

  function write(callKey: string, lease: Lease): void {
    leases.delete(callKey);
    leases.set(callKey, lease);
    for (const [oldest, { standsUntilMs }] of leases) {
      if (standsUntilMs > clock()) break;
      leases.delete(oldest);
    }
  }

  function standing(callKey: string, asker?: string): LeaseStanding {
    const lease = leases.get(callKey);
    if (!lease || lease.standsUntilMs <= clock()) return { state: 'free' };
    const { owner, requestId: leader, sealed } = lease;
    if (sealed) return { state: 'done', leader, owner, sealed };
    return owner === asker ? { state: 'leading' } : { state: 'under way', leader };
  }

  return {
    async take(callKey, { owner, requestId }, after = owner) {
      const lease = leases.get(callKey);
      const seen = standing(callKey, owner);
      const isFree = seen.state === 'free' || lease?.isFailure || (seen.state === 'done' && seen.owner === after);
      if (!isFree) return seen;
      write(callKey, { owner, requestId, standsUntilMs: clock() + LEASE_MS });
      return { state: 'leading' };
    },

    look: async (callKey) => standing(callKey),

    async renew(callKey, owner) {
      const lease = leases.get(callKey);
      if (lease?.owner === owner) write(callKey, { ...lease, standsUntilMs: clock() + LEASE_MS });
    },

    async finish(callKey, owner, ended, windowMs) {
      const lease = leases.get(callKey);
      if (lease?.owner === owner) write(callKey, { ...lease, ...ended, standsUntilMs: clock() + windowMs });
    },

    async giveBack(callKey, owner) {
      if (leases.get(callKey)?.owner === owner) leases.delete(callKey);
    },

    // In one process nobody waits for a lease: they wait for each other.
    listen: () => () => {},
  };
}
