import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiKeyId, bearerToken, hashApiKey, newApiKey } from '../../lambda/core/api-key.ts';
import { requestId, requestTimeMs } from '../../lambda/core/request-id.ts';

describe('a request id', () => {
  it('is a UUID version 7 that sorts by time and tells it', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 41), fc.nat(2 ** 41), (one, other) => {
        const first = requestId(one, randomUUID());
        const second = requestId(other, randomUUID());
        expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(requestTimeMs(first)).toBe(one);
        if (one !== other) expect(first < second).toBe(one < other);
      }),
    );
  });
});

describe('a key', () => {
  it('has 256 random bits and a prefix', () => {
    const keys = new Set(Array.from({ length: 100 }, newApiKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^hg_[\w-]{43}$/);
  });

  it('is looked up whole: any two different ones have different hashes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(hashApiKey(one) === hashApiKey(other)).toBe(one === other);
      }),
    );
    expect(hashApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(apiKeyId(hashApiKey('abc'))).toBe('key_ba7816bf8f01cfea');
  });

  it('is read from the authorization header and nowhere else', () => {
    expect(bearerToken('Bearer hg_x')).toBe('hg_x');
    expect(bearerToken('bearer  hg_x')).toBe('hg_x');
    for (const value of [
      undefined,
      '',
      'hg_x',
      'Basic hg_x',
      'Bearer',
      'Bearer a b',
      'Bearer ä',
      `Bearer ${'x'.repeat(513)}`,
    ]) {
      expect(bearerToken(value)).toBeUndefined();
    }
  });
});
