import { anthropicModels } from './models/anthropic.ts';
import { cohereModels } from './models/cohere.ts';
import { deepseekModels } from './models/deepseek.ts';
import { geminiModels } from './models/gemini.ts';
import { hostedModels } from './models/hosted.ts';
import { mistralModels } from './models/mistral.ts';
import type { ModelEntry } from './models/model-entry.ts';
import { openaiModels } from './models/openai.ts';
import { perplexityModels } from './models/perplexity.ts';
import { xaiModels } from './models/xai.ts';

/** The models on offer, by id: `<provider>/<name>`. Their prices lie in `prices.json`, which `npm run fix` makes. */
export const models = {
  ...openaiModels,
  ...anthropicModels,
  ...geminiModels,
  ...mistralModels,
  ...xaiModels,
  ...deepseekModels,
  ...hostedModels,
  ...perplexityModels,
  ...cohereModels,
} as const satisfies Record<string, ModelEntry>;

export type ModelId = keyof typeof models;

/** Other names for models. A provider's own name for a model, such as `gpt-4o-mini`, works without an entry. */
export const aliases: Readonly<Record<string, ModelId>> = {
  // The first words soonest.
  fast: 'groq/gpt-oss-20b',
  // The best answer at an everyday price.
  smart: 'openai/gpt-6-sol',
  // The least money for an answer that is still good.
  cheap: 'openai/gpt-6-luna',
  // Reads images, drawings and screenshots well, and costs little.
  vision: 'gemini/gemini-3.8-flash',
  // A million tokens and more, without a higher price above some threshold.
  'long-context': 'anthropic/claude-sonnet-5',
  // Thinks longest, for the hardest questions.
  reasoning: 'anthropic/claude-opus-5-5',
};

/** The model for requests that name none, or `auto`. */
export const defaultModel: ModelId = 'openai/gpt-4o-mini';
