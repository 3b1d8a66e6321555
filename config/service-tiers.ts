import type { ProviderId } from './providers.ts';

/**
 * What a service tier costs, as a factor of the ordinary prices, for the providers that say so of all their models. A request
 * for any other tier is refused. A model of your own has its tiers in its price (`serviceTiers`).
 */
export const serviceTiers: Readonly<Partial<Record<ProviderId, Readonly<Record<string, number>>>>> = {
  // OpenAI, "Flex processing": tokens at the rates of the Batch API, which are half of the ordinary ones.
  openai: { flex: 0.5 },
  // GroqDocs, "Flex Processing": the same prices as on demand.
  groq: { flex: 1 },
};
