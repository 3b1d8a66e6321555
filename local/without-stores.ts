import type { ChatGateway } from '../lambda/chat/gateway.ts';
import type { Idempotency } from '../lambda/ports.ts';
import type { Runs } from '../lambda/workflow/run-ports.ts';

/** For a gateway without a store: every model is taken to answer, and nothing is remembered. */
export const withoutStores: Pick<
  ChatGateway,
  'circuits' | 'modelStatistics' | 'conversations' | 'idempotency' | 'chatRuns' | 'fallbackRunner'
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
  idempotency: {} as Partial<Idempotency> as Idempotency,
  // Plans are run in the process that received the request.
  chatRuns: { put: async () => Promise.reject(new Error('There is no store.')) } as Partial<Runs> as Runs,
  fallbackRunner: { run: async () => 'not started' },
};
