import type { CallLeases } from '../coalescing/call-leases.ts';
import type { HotTier } from './hot-tier.ts';

/** Leases whose end is told through the hot tier, so that who waits looks at once. */
export function hotCallLeases(leases: CallLeases, hot: HotTier): CallLeases {
  const channelOf = (callKey: string) => `headgate:call:${callKey}`;
  return {
    ...leases,
    async finish(callKey, ...rest) {
      await leases.finish(callKey, ...rest);
      hot.tell(channelOf(callKey));
    },
    async giveBack(callKey, owner) {
      await leases.giveBack(callKey, owner);
      hot.tell(channelOf(callKey));
    },
    listen: (callKey, ended) => hot.listen(channelOf(callKey), ended),
  };
}
