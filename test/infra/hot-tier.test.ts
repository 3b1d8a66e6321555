import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';

const LIMITS = { maximumGigabytes: 1, maximumEcpuPerSecond: 5_000 };

describe('the hot tier', () => {
  it('is not in the template unless the deployment asks for it', () => {
    const text = JSON.stringify(synthesise(false).gateway.toJSON());
    expect(text).not.toMatch(/elasticache/i);
    expect(text).not.toContain('HOT_TIER');
  });

  it('is a Valkey cache at a public endpoint, entered with IAM credentials and bounded in size', () => {
    const { gateway } = synthesise(false, false, { hotTier: LIMITS });
    gateway.hasResourceProperties('AWS::ElastiCache::ServerlessCache', {
      Engine: 'valkey',
      MajorEngineVersion: '9',
      ConnectionType: 'public',
      UserGroupId: 'default.iam-user-group',
      ServerlessCacheName: Match.stringLikeRegexp('^[a-z][a-z0-9-]{0,39}$'),
      CacheUsageLimits: { DataStorage: { Unit: 'GB', Maximum: 1 }, ECPUPerSecond: { Maximum: 5_000 } },
    });
    expect(JSON.stringify(gateway.findResources('AWS::EC2::VPC'))).toBe('{}');
  });

  it('may be entered by those who use it, and described by health alone', () => {
    const { gateway } = synthesise(false, false, { hotTier: LIMITS });
    const may = (action: string) =>
      Object.entries(gateway.findResources('AWS::IAM::Policy'))
        .filter(([, policy]) => JSON.stringify(policy).includes(action))
        .map(([id]) => id.replace(/Role.*/, ''))
        .sort();
    expect(may('elasticache:Connect')).toEqual(['Cache', 'Chat', 'Health', 'Sweep']);
    expect(may('elasticache:DescribeServerlessCaches')).toEqual(['Health']);
    expect(JSON.stringify(gateway.findResources('AWS::IAM::Policy'))).not.toContain('elasticache:*');
  });
});
