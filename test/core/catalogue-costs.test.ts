import { calcPrice } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import type { ModelEntry } from '../../config/models/model-entry.ts';
import { models } from '../../config/models.ts';
import { catalogue } from '../../config/prices.ts';
import { costOf, type Price } from '../../lambda/core/price.ts';
import { estimatedUsage } from '../../lambda/core/usage.ts';

/** Our prices against the catalogue's own arithmetic, in which a price may depend on the hour: the dearest counts. */
const CATALOGUE_NAMES: Readonly<Record<string, string>> = { bedrock: 'aws', gemini: 'google', xai: 'x-ai' };
const HALF_HOURS = Array.from({ length: 48 }, (_, index) => Date.parse(catalogue.day) + index * 30 * 60_000);

const listed = Object.entries<ModelEntry>(models).filter(([, { price }]) => price === undefined);
const priceOf = (id: string) => configuration.models[id]?.price as Price;

/** A request of this size that reads from and writes to the cache, as each side names it. */
function requestOf(provider: string, input: number) {
  const [cacheRead, written] = [200, 100];
  const written1h = provider === 'anthropic' ? 50 : 0;
  return {
    ours: {
      ...estimatedUsage(input - cacheRead - written - written1h, 700),
      cacheReadTokens: cacheRead,
      cacheWriteTokens: written,
      cacheWrite1hTokens: written1h,
    },
    theirs: {
      input_tokens: input,
      output_tokens: 700,
      cache_read_tokens: cacheRead,
      cache_write_tokens: written + written1h,
      ...(written1h > 0 ? { cache_write_1h_tokens: written1h } : {}),
    },
  };
}

function dearest({ provider, upstreamName }: ModelEntry, usage: ReturnType<typeof requestOf>['theirs']): number {
  const providerId = CATALOGUE_NAMES[provider] ?? provider;
  const prices = HALF_HOURS.map((ms) => calcPrice(usage, upstreamName, { providerId, timestamp: new Date(ms) }));
  return Math.max(...prices.map((price) => price?.total_price ?? 0));
}

describe('what a request costs', () => {
  it.each(listed)('is what the catalogue says, below, at and above every threshold: %s', (id, entry) => {
    const starts = (priceOf(id).tiers ?? []).map(({ aboveInputTokens }) => aboveInputTokens);
    for (const input of [1_000, ...starts.flatMap((start) => [start - 1, start, start + 1, 2 * start])]) {
      const { ours, theirs } = requestOf(entry.provider, input);
      const difference = costOf(ours, priceOf(id)) - dearest(entry, theirs) * 1_000_000;
      expect(Math.abs(difference), `${input} tokens`).toBeLessThanOrEqual(0.51);
    }
  });

  it('rises at some threshold for models of Anthropic, Google, OpenAI and xAI', () => {
    const tiered = listed.filter(([id]) => priceOf(id).tiers !== undefined);
    expect(new Set(tiered.map(([, { provider }]) => provider))).toEqual(
      new Set(['anthropic', 'gemini', 'openai', 'xai']),
    );
  });
});
