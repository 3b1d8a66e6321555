import { createHash, createHmac } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { elastiCacheDependency } from '../../lambda/hot-tier/elasticache-dependency.ts';
import { elastiCacheCredentials } from '../../lambda/hot-tier/elasticache-token.ts';
import { startProvider } from '../api/gateway-under-test.ts';

const IDENTITY = {
  credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI', sessionToken: 'session' }),
  region: async () => 'eu-central-1',
} as unknown as Parameters<typeof elastiCacheCredentials>[1];

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

describe('the password for an ElastiCache cache', () => {
  it('is a request to connect that is signed as AWS documents it, for fifteen minutes', async () => {
    const { username, password } = await elastiCacheCredentials('headgate-hot', IDENTITY)();
    expect(username).toBe('default.iam-user');
    expect(password.startsWith('headgate-hot/?')).toBe(true);
    const query = new URL(`http://${password}`).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      Action: 'connect',
      User: 'default.iam-user',
      ResourceType: 'ServerlessCache',
      'X-Amz-Expires': '900',
      'X-Amz-Security-Token': 'session',
    });
    const signature = query.get('X-Amz-Signature');
    query.delete('X-Amz-Signature');
    // Signature Version 4 by hand, from the documentation.
    const canonicalQuery = [...query]
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .sort()
      .join('&');
    const nothing = createHash('sha256').update('').digest('hex');
    const canonical = `GET\n/\n${canonicalQuery}\nhost:headgate-hot\n\nhost\n${nothing}`;
    const stamp = query.get('X-Amz-Date') ?? '';
    const scope = `${stamp.slice(0, 8)}/eu-central-1/elasticache/aws4_request`;
    const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
    const key = ['eu-central-1', 'elasticache', 'aws4_request'].reduce<Buffer>(
      hmac,
      hmac('AWS4wJalrXUtnFEMI', stamp.slice(0, 8)),
    );
    expect(signature).toBe(hmac(key, toSign).toString('hex'));
  });
});

describe('the health of an ElastiCache cache', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  /** AWS's answer about a cache in this state, at an address where nothing listens. */
  async function checkCache(status: string): Promise<{ asked: string; failure: unknown }> {
    let asked = '';
    const aws = await startProvider((request, response) => {
      request.on('data', (piece) => {
        asked += piece;
      });
      request.on('end', () =>
        response.writeHead(200, { 'content-type': 'text/xml' }).end(
          `<DescribeServerlessCachesResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">
            <DescribeServerlessCachesResult><ServerlessCaches><member><Status>${status}</Status>
            <FullEngineVersion>9.0</FullEngineVersion><Endpoint><Address>127.0.0.1</Address><Port>6379</Port></Endpoint>
            </member></ServerlessCaches></DescribeServerlessCachesResult></DescribeServerlessCachesResponse>`,
        ),
      );
    });
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const failure = await elastiCacheDependency('headgate-hot', IDENTITY)
      .check()
      .catch((thrown: unknown) => thrown);
    await aws.close();
    return { asked, failure };
  }

  it('is bad while AWS is still making it', async () => {
    const { asked, failure } = await checkCache('creating');
    expect(asked).toContain('ServerlessCacheName=headgate-hot');
    expect(String(failure)).toContain('not available');
  });

  it('is bad when it does not answer at its endpoint', async () => {
    expect(String((await checkCache('available')).failure)).toContain('no connection');
  });
});
