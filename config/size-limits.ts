import type { SizeLimits } from '../lambda/core/configuration.ts';

const MEBIBYTE = 1_048_576;

export const sizeLimits: SizeLimits = {
  // Lambda takes events of 6 MB, in which a body is escaped JSON text.
  requestBytes: 4 * MEBIBYTE,
  answerBytes: 10 * MEBIBYTE,
  // 200,000 tokens at some 250 bytes a chunk, the longest answers there are.
  streamBytes: 50 * MEBIBYTE,
  streamEventBytes: 4 * MEBIBYTE,
};
