import { Aws, Names } from 'aws-cdk-lib';
import { CfnServerlessCache } from 'aws-cdk-lib/aws-elasticache';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { HotTierLimits } from '../config/deployment.ts';

/** Every cache with a public endpoint has this user, whose password is a signed request, and this group of him alone. */
const USER = 'default.iam-user';
const USER_GROUP = 'default.iam-user-group';

/** The first version of Valkey that ElastiCache Serverless offers at a public endpoint, so that no function needs a VPC. */
const VALKEY_VERSION = '9';

/** ElastiCache takes names of up to 40 characters. */
const LONGEST_NAME = 40;

/** An ElastiCache Serverless cache for Valkey beside the tables: TLS only, entered with IAM credentials only. */
export class HotTierCache extends Construct {
  /** For functions that use it. */
  readonly environment: Record<string, string>;
  private readonly cacheArn: string;

  constructor(scope: Construct, id: string, limits: HotTierLimits) {
    super(scope, id);
    const serverlessCacheName = Names.uniqueResourceName(this, {
      maxLength: LONGEST_NAME,
      separator: '-',
    }).toLowerCase();
    const cache = new CfnServerlessCache(this, 'Cache', {
      serverlessCacheName,
      engine: 'valkey',
      majorEngineVersion: VALKEY_VERSION,
      connectionType: 'public',
      userGroupId: USER_GROUP,
      cacheUsageLimits: {
        dataStorage: { unit: 'GB', maximum: limits.maximumGigabytes },
        ecpuPerSecond: { maximum: limits.maximumEcpuPerSecond },
      },
    });
    this.cacheArn = cache.attrArn;
    this.environment = { HOT_TIER_CACHE: serverlessCacheName, HOT_TIER_HOST: cache.attrEndpointAddress };
  }

  /** Lets a function connect, and nothing else. */
  grantConnect(grantee: IGrantable): void {
    const user = `arn:${Aws.PARTITION}:elasticache:${Aws.REGION}:${Aws.ACCOUNT_ID}:user:${USER}`;
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['elasticache:Connect'], resources: [this.cacheArn, user] }),
    );
  }

  /** Lets a function see the cache's state and limits. */
  grantDescribe(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['elasticache:DescribeServerlessCaches'], resources: [this.cacheArn] }),
    );
  }
}
