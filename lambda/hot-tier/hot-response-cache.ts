import type { CacheOwner, CacheScope } from '../core/fingerprint.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';
import { decodeEntry, ENTRY_VERSION, encodeEntry } from '../store/cache-entry.ts';
import { partitionOf } from '../store/response-cache.ts';
import type { HotTier } from './hot-tier.ts';

/** Larger answers are not worth a fast place. */
const MAXIMUM_CHARACTERS = 200_000;

/**
 * A response cache whose newest answers also lie in the hot tier, and are looked for there first. Only what is kept is put
 * there, before it is kept: so what is removed afterwards is found in both places. Removing fails when the hot tier does not
 * confirm it, since it would serve again what was to be gone.
 */
export function hotResponseCache(cold: ResponseCache, hot: HotTier, clock: Clock): ResponseCache {
  const keyOf = (owner: CacheOwner | CacheScope, fingerprint: string) =>
    `headgate:answer:${ENTRY_VERSION}:${partitionOf(owner)}#${fingerprint}`;

  async function removeHot(keys: readonly string[]): Promise<void> {
    if (!(await hot.delete(keys))) throw new Error('The hot tier did not confirm that the answers are gone.');
  }

  return {
    async find(scope, fingerprint, options) {
      const entry = await hot.get(keyOf(scope, fingerprint));
      const answer = entry && (await decodeEntry(entry));
      return answer ?? cold.find(scope, fingerprint, options);
    },

    async keep(scope, fingerprint, answer, options) {
      const key = keyOf(scope, fingerprint);
      const isHot = answer.text.length <= MAXIMUM_CHARACTERS;
      const forMs = answer.storedAtMs + options.ttlSeconds * 1_000 - clock();
      if (isHot && forMs > 0) await hot.set(key, await encodeEntry(answer), forMs);
      try {
        const isKept = await cold.keep(scope, fingerprint, answer, options);
        if (isHot && !isKept) await hot.delete([key]);
        return isKept;
      } catch (error) {
        if (isHot) await hot.delete([key]);
        throw error;
      }
    },

    inspect: (owner, fingerprint) => cold.inspect(owner, fingerprint),

    page: (owner, which, after) => cold.page(owner, which, after),

    list: (owner, which) => cold.list(owner, which),

    async remove(owner, fingerprints) {
      const keys = fingerprints.map((fingerprint) => keyOf(owner, fingerprint));
      // While it is still listed, a removal that failed can be tried again; afterwards, what was kept anew meanwhile goes, too.
      await removeHot(keys);
      await cold.remove(owner, fingerprints);
      await removeHot(keys);
    },
  };
}
