import type { ChatGateway } from '../lambda/chat/gateway.ts';
import type { Runs } from '../lambda/ports.ts';

/** For a gateway without a store: every model is taken to answer, and nothing is remembered. */
export const withoutCircuits: Pick<
  ChatGateway,
  'circuits' | 'modelStatistics' | 'conversations' | 'chatRuns' | 'fallbackRunner'
> = {
  circuits: {
    look: async () => new Map(),
    takeProbe: async () => false,
    async endProbe() {},
    failed: async () => ({ mayRetry: true, isOpened: false }),
    succeeded: async () => ({ isClosed: false }),
  },
  modelStatistics: { async count() {}, recent: async () => new Map() },
  conversations: { find: async () => undefined, async keep() {} },
  // Plans are run in the process that received the request.
  chatRuns: { put: async () => Promise.reject(new Error('There is no store.')) } as Partial<Runs> as Runs,
  fallbackRunner: { run: async () => 'not started' },
};
