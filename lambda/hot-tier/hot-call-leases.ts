import type { CallLeases } from '../coalescing/call-leases.ts';
import type { HotTier } from './hot-tier.ts';

/** Leases whose end is told through the hot tier, so that who waits looks at once. */
export function hotCallLeases(leases: CallLeases, hot: HotTier): CallLeases {
  const channelOf = (fingerprint: string) => `headgate:call:${fingerprint}`;
  return {
    ...leases,
    async finish(fingerprint, ...rest) {
      await leases.finish(fingerprint, ...rest);
      hot.tell(channelOf(fingerprint));
    },
    async giveBack(fingerprint, owner) {
      await leases.giveBack(fingerprint, owner);
      hot.tell(channelOf(fingerprint));
    },
    listen: (fingerprint, ended) => hot.listen(channelOf(fingerprint), ended),
  };
}
