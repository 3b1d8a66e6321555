import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { isJsonObject } from '../core/json-body.ts';
import { open, seal } from '../core/sealed.ts';
import type { CachedAnswer } from '../kept-answers.ts';
import type { StoredFailure } from '../workflow/run.ts';

/** What came of a call that others wait for. */
export type SharedOutcome =
  | { kind: 'answer'; modelId: string; answer: CachedAnswer }
  /** The response cache has the answer. */
  | { kind: 'kept' }
  /** It meets requests of this digest. */
  | { kind: 'failure'; failure: StoredFailure; digest: string }
  /** Nothing that could be handed over: each asks for itself. */
  | { kind: 'none' };

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** DynamoDB takes items of 400 KB, names included. */
const MAXIMUM_BYTES = 380_000;

const NONE: SharedOutcome = { kind: 'none' };

/** The outcome, compressed and sealed: it lies in the store longer than it is of use, and may be personal. */
export async function sealOutcome(outcome: SharedOutcome, key: Uint8Array): Promise<Uint8Array> {
  const bytes = await compress(JSON.stringify(outcome));
  return seal(bytes.length > MAXIMUM_BYTES ? await compress(JSON.stringify(NONE)) : bytes, key);
}

/** A sealed outcome again; `none` for one that cannot be read. */
export async function openOutcome(sealed: Uint8Array, key: Uint8Array): Promise<SharedOutcome> {
  try {
    const outcome: unknown = JSON.parse((await decompress(open(sealed, key))).toString('utf8'));
    return isJsonObject(outcome) && typeof outcome.kind === 'string' ? (outcome as unknown as SharedOutcome) : NONE;
  } catch {
    return NONE;
  }
}
