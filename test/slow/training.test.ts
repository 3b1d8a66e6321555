import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { train } from '../../training/train.ts';

// Training takes a minute, and several on a busy machine.
const LONGEST_MS = 600_000;

it(
  'training makes the prompt model that ships, to the last byte',
  () => {
    const shipped = readFileSync(join(import.meta.dirname, '../../lambda/routing/prompt-model.bin'));
    expect(Buffer.from(train().file).equals(shipped)).toBe(true);
  },
  LONGEST_MS,
);
