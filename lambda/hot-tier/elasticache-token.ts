import { type AwsIdentity, awsSigner } from '../providers/sign-for-aws.ts';

/** The user that every cache with a public endpoint has, whose password is a signed request. */
const USER = 'default.iam-user';

/** ElastiCache takes a token for so long (docs.aws.amazon.com/AmazonElastiCache, "Authenticating with IAM"). */
const EXPIRES_SECONDS = 900;

/**
 * Makes credentials for an ElastiCache Serverless cache: the user, and as password a presigned request to connect, without
 * its scheme. Each is for one connection; a connection lives for at most twelve hours.
 */
export function elastiCacheCredentials(cacheName: string, identity: AwsIdentity) {
  return async (): Promise<{ username: string; password: string }> => {
    const { query = {} } = await awsSigner(identity, 'elasticache').presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: cacheName,
        path: '/',
        query: { Action: 'connect', User: USER, ResourceType: 'ServerlessCache' },
        headers: { host: cacheName },
      },
      { expiresIn: EXPIRES_SECONDS },
    );
    const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
    return { username: USER, password: `${cacheName}/?${text.join('&')}` };
  };
}
