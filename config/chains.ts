import type { ModelId } from './models.ts';

/** Whom to ask when a model does not answer, in order. A misspelt model does not compile. */
export const chains = {
  'openai/gpt-4o': ['openai/gpt-4o-mini'],
} as const satisfies Partial<Record<ModelId, readonly ModelId[]>>;
