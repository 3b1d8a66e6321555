import type { Readable } from 'node:stream';
import { invalidAnswer, oversizedAnswer } from '../core/provider-failure.ts';

/** The whole body as text. Throws an invalid answer when it is larger than the limit, cut, or no UTF-8. */
export function readBody(body: Readable, maximumBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    body.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > maximumBytes) {
        reject(oversizedAnswer('it'));
        body.destroy();
      } else pieces.push(piece);
    });
    body.once('end', () => {
      try {
        resolve(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)));
      } catch (cause) {
        reject(invalidAnswer('it is no UTF-8 text', cause));
      }
    });
    body.once('error', reject);
    body.once('close', () => {
      if (!body.readableEnded) reject(invalidAnswer('it was cut'));
    });
  });
}
