import { createHash } from 'node:crypto';

/** Bytes of the hash that are read as a number: enough for shares of any size, few enough for a whole number to hold. */
const BYTES = 6;

/**
 * True for this percentage of all names, always the same ones: a name that is in a share is in every larger one, too, so
 * that a share that grows takes nothing back.
 */
export function isInShare(name: string, percent: number): boolean {
  const place = createHash('sha256').update(name).digest().readUIntBE(0, BYTES) / 2 ** (8 * BYTES);
  return place < percent / 100;
}
