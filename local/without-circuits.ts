import type { ChatGateway } from '../lambda/chat/gateway.ts';

/** For a gateway without a store: every model is taken to answer, and nothing is remembered. */
export const withoutCircuits: Pick<ChatGateway, 'circuits' | 'modelStatistics' | 'conversations'> = {
  circuits: {
    look: async () => new Map(),
    takeProbe: async () => false,
    async endProbe() {},
    failed: async () => ({ mayRetry: true, isOpened: false }),
    succeeded: async () => ({ isClosed: false }),
  },
  modelStatistics: { async count() {}, recent: async () => new Map() },
  conversations: { find: async () => undefined, async keep() {} },
};
