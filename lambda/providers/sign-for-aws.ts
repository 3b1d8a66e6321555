import { createHash, createHmac } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SignForAws } from './authorize.ts';

/** Who signs: the credentials and region of an AWS client that the process has anyway. */
export type AwsIdentity = Pick<DynamoDBClient['config'], 'credentials' | 'region'>;

/** SHA-256 and its HMAC from Node, in the shape the signer wants. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('The signer makes a new hash each time.');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** A signature is good in one region: that of the host, wherever this function runs. */
function regionIn(hostname: string): string | undefined {
  return /\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com$/.exec(hostname)?.[1];
}

/** Signature Version 4 by AWS's own library, for this service in the client's region or another. */
export function awsSigner({ credentials, region }: AwsIdentity, service: string, otherRegion?: string): SignatureV4 {
  return new SignatureV4({ credentials, region: otherRegion ?? region, service, sha256: Sha256 });
}

/** Signs calls to AWS's own models. */
export function signForAws(identity: AwsIdentity): SignForAws {
  return async ({ url, headers, body }, service) => {
    const { protocol, hostname, host, port, pathname } = new URL(url);
    const signed = await awsSigner(identity, service, regionIn(hostname)).sign({
      method: 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: pathname,
      query: {},
      headers: { ...headers, host },
      body,
    });
    return signed.headers;
  };
}
