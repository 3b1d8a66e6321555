import type { Observer } from '../lambda/ports.ts';

/** For gateways whose metrics and logs nobody reads. */
export const silentObserver: Observer = {
  requestEnded() {},
  providerCalled() {},
  usageNotStored() {},
  settlementFailed() {},
  reservationsReaped() {},
  storeFailed() {},
  circuitChanged() {},
  providerKeyRefused() {},
};
