import type { Deduplication } from '../lambda/core/deduplication.ts';

/** Requests that ask the same at the same time make one call. */
export const deduplication: Deduplication = { isOn: true, windowMs: 5_000 };
