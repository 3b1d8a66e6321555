import type { Dependency } from '../ports.ts';
import type { AwsIdentity } from '../providers/sign-for-aws.ts';
import { elastiCacheHotTier } from './deployed-hot-tier.ts';
import type { HotTier } from './hot-tier.ts';

/**
 * Whether the hot tier can be used: AWS says that the cache is available, and it answers at its endpoint. Without it answers
 * come from DynamoDB. Its details are its state, engine and limits.
 */
export function elastiCacheDependency(cacheName: string, identity: AwsIdentity): Dependency {
  let hotTier: HotTier | undefined;
  return {
    name: 'valkey',
    isEssential: false,
    async check() {
      const { cache, details } = await describe(cacheName);
      if (cache.Status !== 'available') throw new Error('The cache is not available.');
      hotTier ??= elastiCacheHotTier(cacheName, cache.Endpoint?.Address ?? '', identity);
      await hotTier.check();
      return details;
    },
  };
}

/** What AWS knows of the cache. */
async function describe(cacheName: string) {
  const { DescribeServerlessCachesCommand, ElastiCacheClient } = await import('@aws-sdk/client-elasticache');
  const client = new ElastiCacheClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 500, requestTimeout: 900, throwOnRequestTimeout: true },
  });
  const command = new DescribeServerlessCachesCommand({ ServerlessCacheName: cacheName });
  const cache = (await client.send(command)).ServerlessCaches?.[0] ?? {};
  const { Status, FullEngineVersion, CacheUsageLimits } = cache;
  const details = {
    status: Status,
    engineVersion: FullEngineVersion,
    maximumGigabytes: CacheUsageLimits?.DataStorage?.Maximum,
    maximumEcpuPerSecond: CacheUsageLimits?.ECPUPerSecond?.Maximum,
  };
  return { cache, details };
}
