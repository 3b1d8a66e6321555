import type { Deadlines } from '../lambda/core/configuration.ts';

export const deadlines: Deadlines = {
  defaultMs: 120_000,
  // API Gateway drops a response that is silent for 5 minutes; the answer, or what went wrong, must come before.
  maximumMs: 270_000,
  firstContentMs: 60_000,
  betweenChunksMs: 30_000,
};
