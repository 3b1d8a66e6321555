import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { isJsonObject } from '../core/json-body.ts';
import type { CachedAnswer } from '../kept-answers.ts';

/** Grows when entries are written differently: those of another version are no entries. */
export const ENTRY_VERSION = 1;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** A kept answer as bytes. */
export function encodeEntry(answer: CachedAnswer): Promise<Uint8Array> {
  return compress(JSON.stringify(answer));
}

/** The answer again; undefined for bytes that are not one. */
export async function decodeEntry(entry: unknown): Promise<CachedAnswer | undefined> {
  if (!(entry instanceof Uint8Array)) return undefined;
  try {
    const answer: unknown = JSON.parse((await decompress(entry)).toString('utf8'));
    return isAnswer(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isAnswer(value: unknown): value is CachedAnswer {
  if (!isJsonObject(value) || typeof value.text !== 'string' || !isJsonObject(value.usage)) return false;
  return isJsonObject(value.facts) && Number.isFinite(value.storedAtMs) && Number.isFinite(value.costMicroDollars);
}
