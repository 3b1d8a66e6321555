import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../ports.ts';

/**
 * An import of this module reads all that it exports, and so loads Node's whole `fetch`, which nobody here uses: a third of a cold
 * start's CPU time (`npm run bench -- cold-start`).
 */
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http');

/** Connecting to a provider's edge takes well under a second; longer means it is down. */
const CONNECT_TIMEOUT_MS = 5_000;

/** No provider is further away than this. */
const ROUND_TRIP_MS = 500;

/** Idle connections are closed after this time, before most providers close them. */
const IDLE_TIMEOUT_MS = 60_000;

/**
 * HTTP with Node's own client, connections kept alive. Redirects come back as answers, compressed bodies as they are, and
 * the only time limit on an answer is the caller's signal: it alone knows its deadline.
 */
export function httpUpstream(): Upstream {
  const http = new HttpAgent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS });
  const https = new HttpsAgent({ keepAlive: true, timeout: IDLE_TIMEOUT_MS });

  function start({ url, headers, body, signal }: UpstreamRequest, isFresh: boolean): ClientRequest {
    const length = Buffer.byteLength(body);
    const options = { method: 'POST', headers: { ...headers, 'content-length': String(length) }, signal };
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, agent: isFresh ? false : https })
      : httpRequest(url, { ...options, agent: isFresh ? false : http });
    limitConnecting(request);
    request.end(body);
    return request;
  }

  return {
    async post(request) {
      const startedAt = performance.now();
      const first = start(request, false);
      try {
        return await responseTo(first);
      } catch (error) {
        if (!wasClosedWhileIdle(first, error, performance.now() - startedAt)) throw error;
        return responseTo(start(request, true));
      }
    },
  };
}

function responseTo(request: ClientRequest): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    request.on('error', reject);
    // Node leaves a connection that was upgraded, or closed without a word, to whoever listens.
    request.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(connectionError('EPROTO'));
    });
    request.once('close', () => {
      if (!isAnswered) reject(connectionError('ECONNRESET'));
    });
    request.once('response', (response: IncomingMessage) => {
      isAnswered = true;
      // A body that is given up on emits an error; whoever still reads it sees the same error where it reads.
      response.on('error', () => {});
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
    });
  });
}

/**
 * The other side may close a kept connection at the moment we use it, and always has when a function wakes after a long
 * sleep. Node's documentation of `request.reusedSocket` gives the remedy: send the request again. A reset that takes
 * longer than a round trip is another matter: the provider may have worked on the request, and billed it.
 */
function wasClosedWhileIdle(request: ClientRequest, error: unknown, elapsedMs: number): boolean {
  const isReset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
  return request.reusedSocket && isReset && elapsedMs < ROUND_TRIP_MS;
}

/** An error like those Node makes for connections. */
function connectionError(code: string): Error {
  return Object.assign(new Error('The connection to the provider failed.'), { code });
}

function limitConnecting(request: ClientRequest): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    const event = 'encrypted' in socket ? 'secureConnect' : 'connect';
    const timer = setTimeout(() => request.destroy(connectionError('ETIMEDOUT')), CONNECT_TIMEOUT_MS);
    const clear = () => clearTimeout(timer);
    socket.once(event, clear);
    socket.once('close', clear);
  });
}
