import type { ChatGateway } from '../lambda/chat/gateway.ts';

const none = () => Promise.reject(new Error('There is no store.'));

/** For a gateway without a store: every model is taken to answer, and nothing is remembered. */
export const withoutStores: Pick<
  ChatGateway,
  | 'circuits'
  | 'modelStatistics'
  | 'conversations'
  | 'idempotency'
  | 'responseCache'
  | 'callLeases'
  | 'chatRuns'
  | 'fallbackRunner'
> = {
  circuits: {
    look: async () => new Map(),
    isSpendingStopped: () => false,
    takeProbe: async () => false,
    async endProbe() {},
    failed: async () => ({ mayRetry: true, isOpened: false }),
    succeeded: async () => ({ isClosed: false }),
  },
  modelStatistics: { async answered() {}, async failed() {}, recent: async () => new Map() },
  conversations: { find: async () => undefined, async keep() {} },
  responseCache: { find: none, keep: none, inspect: none, page: none, list: none, remove: none },
  callLeases: { take: none, look: none, renew: none, finish: none, giveBack: none, listen: () => () => {} },
  idempotency: { claim: none, keep: none, giveBack: none },
  // A plan that cannot be kept is run in the process that received the request.
  chatRuns: {
    put: none,
    find: none,
    claim: none,
    finish: none,
    giveUp: none,
    putResult: none,
    result: none,
    progress: none,
    remove: none,
    isBegun: none,
  },
  fallbackRunner: { run: async () => 'not started' },
};
