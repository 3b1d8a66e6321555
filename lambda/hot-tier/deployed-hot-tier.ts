import type { AwsIdentity } from '../providers/sign-for-aws.ts';
import { elastiCacheCredentials } from './elasticache-token.ts';
import type { HotTier } from './hot-tier.ts';
import { valkeyHotTier } from './valkey.ts';

/** The variables that a deployment with a hot tier sets: the cache's name, and the host it answers at. */
export const HOT_TIER_CACHE = 'HOT_TIER_CACHE';
const HOT_TIER_HOST = 'HOT_TIER_HOST';

/** The hot tier of a deployed function; undefined where the deployment has none. */
export function deployedHotTier(environment: NodeJS.ProcessEnv, identity: AwsIdentity): HotTier | undefined {
  const { [HOT_TIER_CACHE]: cacheName, [HOT_TIER_HOST]: host } = environment;
  return cacheName && host ? elastiCacheHotTier(cacheName, host, identity) : undefined;
}

/** A hot tier at an ElastiCache Serverless cache, which takes TLS only. */
export function elastiCacheHotTier(cacheName: string, host: string, identity: AwsIdentity): HotTier {
  return valkeyHotTier(
    { url: `rediss://${host}:6379`, credentials: elastiCacheCredentials(cacheName, identity) },
    Date.now,
  );
}
