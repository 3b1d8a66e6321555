import type { Readable } from 'node:stream';
import { invalidAnswer } from '../core/provider-failure.ts';

/** The whole body as text. Throws an invalid answer when it is larger than the limit or no UTF-8. */
export async function readBody(body: Readable, maximumBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maximumBytes) {
      body.destroy();
      throw invalidAnswer('it is too large');
    }
    pieces.push(piece);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
  } catch (cause) {
    throw invalidAnswer('it is no UTF-8 text', cause);
  }
}
