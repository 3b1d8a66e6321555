import type { Tier } from '../lambda/core/terms.ts';

/** What the accounts of each tier may do in a minute and at once. An account may override any of it. */
export const tiers = {
  free: { requestsPerMinute: 10, tokensPerMinute: 40_000, callsInFlight: 5 },
  pro: {
    requestsPerMinute: 50,
    tokensPerMinute: 400_000,
    callsInFlight: 25,
    modelRequestsPerMinute: { 'openai/gpt-5.1': 20, 'gemini/gemini-2.5-pro': 20, 'xai/grok-4.6': 20 },
  },
  expert: {
    requestsPerMinute: 200,
    tokensPerMinute: 2_000_000,
    callsInFlight: 100,
    modelRequestsPerMinute: { 'openai/gpt-5.1': 100, 'gemini/gemini-2.5-pro': 100, 'xai/grok-4.6': 100 },
  },
  master: { requestsPerMinute: 1_000, tokensPerMinute: 10_000_000, callsInFlight: 200 },
} as const satisfies Record<string, Tier>;

/** The tier of an account that is created without one. */
export const defaultTier: keyof typeof tiers = 'free';
