import { Pool } from 'undici';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../ports.ts';

/** Connecting to a provider's edge takes well under a second; longer means it is down. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Sockets to one provider. Each Lambda holds one request, but a server holds them all. */
const CONNECTIONS_PER_HOST = 1_024;

/**
 * HTTP over undici, one pool a host. Redirects come back as answers, compressed bodies as they are, and the only
 * timeouts are the caller's own: it alone knows its deadline.
 */
export function httpUpstream(): Upstream {
  const pools = new Map<string, Pool>();

  function poolFor(origin: string): Pool {
    let pool = pools.get(origin);
    if (!pool) {
      pool = new Pool(origin, {
        connections: CONNECTIONS_PER_HOST,
        connect: { timeout: CONNECT_TIMEOUT_MS },
        headersTimeout: 0,
        bodyTimeout: 0,
        pipelining: 1,
      });
      pools.set(origin, pool);
    }
    return pool;
  }

  return {
    async post({ url, headers, body, signal }: UpstreamRequest): Promise<UpstreamResponse> {
      const target = new URL(url);
      const response = await poolFor(target.origin).request({
        method: 'POST',
        path: target.pathname + target.search,
        headers,
        body,
        signal,
      });
      // A body that is given up on emits an error; whoever still reads it sees the same error where it reads.
      response.body.on('error', () => {});
      return { status: response.statusCode, headers: response.headers, body: response.body };
    },
  };
}
