import { packVector, unpackVector } from '../core/semantic/packed-vector.ts';
import type { NewNeighbour } from '../semantic-index.ts';
import { VECTOR_INDEX } from './tables.ts';

/** Where a neighbour lies: its partition is its neighbourhood, and its order in it is its age. */
export interface NeighbourKey {
  pk: string;
  sk: string;
}

/** A neighbour as the scan reads it. */
export interface StoredNeighbour {
  fingerprint: string;
  prompt: string;
  vector: Float32Array;
  sk: string;
  expiresAtMs: number;
}

export function neighbourPartition(embedder: string, neighbourhood: string): string {
  return `near#${embedder}#${neighbourhood}`;
}

/** The item of a neighbour of the answer with this fingerprint. */
export function neighbourItem(
  { embedder, neighbourhood, prompt, vector, isIndexed }: NewNeighbour,
  fingerprint: string,
  storedAtMs: number,
  expiresAt: number,
) {
  const key: NeighbourKey = {
    pk: neighbourPartition(embedder, neighbourhood),
    sk: `${String(storedAtMs).padStart(15, '0')}#${fingerprint}`,
  };
  const indexed = isIndexed ? { [VECTOR_INDEX.partition]: key.pk, [VECTOR_INDEX.vector]: [...vector] } : {};
  return { ...key, fingerprint, prompt, vector: packVector(vector), expiresAt, ...indexed };
}

/** The neighbour in an item; undefined for one that is broken. */
export function neighbourIn(item: Record<string, unknown>): StoredNeighbour | undefined {
  const { fingerprint, prompt, vector, sk, expiresAt } = item;
  if (typeof fingerprint !== 'string' || typeof prompt !== 'string' || typeof sk !== 'string') return undefined;
  if (!(vector instanceof Uint8Array) || typeof expiresAt !== 'number') return undefined;
  return { fingerprint, prompt, vector: unpackVector(vector), sk, expiresAtMs: expiresAt * 1_000 };
}

/** The key of the neighbour that an answer's item names; undefined where it names none. */
export function neighbourKeyIn(near: unknown): NeighbourKey | undefined {
  if (typeof near !== 'object' || near === null || !('pk' in near) || !('sk' in near)) return undefined;
  return { pk: String(near.pk), sk: String(near.sk) };
}
