import { hash, randomBytes } from 'node:crypto';

/** A new key: `hg_` and 256 random bits. Shown to its owner once; only its hash is stored. */
export function newApiKey(): string {
  return `hg_${randomBytes(32).toString('base64url')}`;
}

/** The SHA-256 of the whole key, in hex. Keys are looked up by this and nothing shorter. */
export function hashApiKey(key: string): string {
  return hash('sha256', key, 'hex');
}

/** A short public name for a key, for lists and usage: it identifies, and opens nothing. */
export function apiKeyId(hash: string): string {
  return `key_${hash.slice(0, 16)}`;
}

/** The key of an `authorization: Bearer …` header, or undefined when there is none to look up. */
export function bearerToken(authorization: string | undefined): string | undefined {
  const match = authorization?.match(/^Bearer +([\x21-\x7e]{1,512})$/i);
  return match?.[1];
}
