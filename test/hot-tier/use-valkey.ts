import { afterAll, beforeAll } from 'vitest';
import type { HotTier } from '../../lambda/hot-tier/hot-tier.ts';
import { valkeyHotTier } from '../../lambda/hot-tier/valkey.ts';
import { eventually } from '../api/gateway-under-test.ts';
import { startTestValkey, type TestValkey, valkeyServer } from './test-valkey.ts';

/** A server for the tests of a file, and a hot tier on it; neither where this machine has none. */
export function useValkey() {
  const used = {} as { server: TestValkey; tier: HotTier };
  if (valkeyServer === undefined) return used;
  beforeAll(async () => {
    used.server = await startTestValkey();
    used.tier = valkeyHotTier({ url: used.server.url }, Date.now);
    await isReady(used.tier);
  });
  afterAll(async () => {
    await used.tier.close();
    await used.server.close();
  });
  return used;
}

/** Connected, on a machine that may be busy. */
export function isReady(tier: HotTier): Promise<boolean> {
  return eventually(() =>
    tier.check().then(
      () => true,
      () => undefined,
    ),
  );
}
