import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open, seal } from '../../lambda/core/sealed.ts';

describe('sealed bytes', () => {
  it('are opened by their key', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const key = randomBytes(32);
        expect(new Uint8Array(open(seal(bytes, key), key))).toEqual(bytes);
      }),
    );
  });

  it('are opened by no other key, and not when a bit of them was changed', () => {
    const key = randomBytes(32);
    const sealed = seal(Buffer.from('what was said'), key);
    expect(() => open(sealed, randomBytes(32))).toThrow();
    for (let index = 0; index < sealed.length; index++) {
      const changed = Uint8Array.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => open(changed, key)).toThrow();
    }
    expect(() => open(sealed.subarray(0, 20), key)).toThrow();
  });
});
