import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, lookUpPublic } from './public-address.ts';

/** A receiver has this long to say that it has the news. */
const TIMEOUT_MS = 15_000;

/**
 * Posts a webhook. Throws unless the receiver answers 2xx within 15 s; redirects are not followed, and nothing but the
 * status of its answer is read. `options` are for tests: another look-up, a certificate of their own.
 */
export function sendWebhook(
  url: URL,
  headers: Record<string, string>,
  body: string,
  options: Pick<RequestOptions, 'lookup' | 'ca'> = { lookup: lookUpPublic },
): Promise<void> {
  const address = url.hostname.replace(/^\[|\]$/g, '');
  // A host that is an address is never looked up.
  if (isIP(address) && options.lookup === lookUpPublic && !isPublicAddress(address)) {
    return Promise.reject(new Error('The webhook goes to an address that is not public.'));
  }
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'headgate',
      },
      ...options,
    });
    request.on('error', reject);
    // Node leaves a connection that was upgraded, or closed without a word, to whoever listens.
    request.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error("The webhook's receiver answered 101."));
    });
    request.once('close', () => reject(new Error('The connection to the webhook was closed.')));
    request.once('response', (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`The webhook's receiver answered ${statusCode}.`));
    });
    request.end(body);
  });
}
