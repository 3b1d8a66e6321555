import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { costBound } from '../../lambda/core/cost-bound.ts';
import { costOf, dollarsText, isPriceKnown } from '../../lambda/core/price.ts';
import { estimatedUsage, readOpenAiUsage, totalInputTokens, totalOutputTokens } from '../../lambda/core/usage.ts';

const price = { inputPerMillion: 2.5, cacheReadPerMillion: 1.25, outputPerMillion: 10 };

describe('the cost of an answer', () => {
  it('is tokens times the price of their kind, in whole micro-dollars', () => {
    const usage = { ...estimatedUsage(1_000, 500), cacheReadTokens: 200, reasoningTokens: 100 };
    expect(costOf(usage, price)).toBe(2_500 + 250 + 5_000 + 1_000);
  });

  it('is rounded once, half up', () => {
    const cheap = { inputPerMillion: 0.15, outputPerMillion: 0.6 };
    expect(costOf(estimatedUsage(1, 0), cheap)).toBe(0);
    expect(costOf(estimatedUsage(10, 0), cheap)).toBe(2);
    expect(costOf(estimatedUsage(4, 1), cheap)).toBe(1);
  });

  it('is that of the higher tier for the whole request, once its input passes the threshold', () => {
    const tiered = configuration.models['gemini/gemini-2.5-pro']?.price;
    if (!tiered) throw new Error('gemini-2.5-pro is configured');
    expect(costOf(estimatedUsage(200_000, 1_000), tiered)).toBe(200_000 * 1.25 + 1_000 * 10);
    expect(costOf(estimatedUsage(200_001, 1_000), tiered)).toBe(Math.round(200_001 * 2.5 + 1_000 * 15));
  });

  it('of a write for an hour is its own, or twice the input where a price does not have it', () => {
    const usage = { ...estimatedUsage(0, 0), cacheWriteTokens: 1_000, cacheWrite1hTokens: 1_000 };
    const haiku = configuration.models['anthropic/claude-haiku-4-5']?.price;
    expect(haiku && costOf(usage, haiku)).toBe(1_250 + 2_000);
    expect(costOf(usage, { inputPerMillion: 3, outputPerMillion: 15, cacheWritePerMillion: 3.75 })).toBe(3_750 + 6_000);
    // What was written before they were told apart.
    const { cacheWrite1hTokens: _, ...old } = usage;
    expect(costOf(old, { inputPerMillion: 3, outputPerMillion: 15 })).toBe(3_000);
    expect(totalInputTokens(old)).toBe(1_000);
  });

  it('is a factor of it at a service tier that has a price, and the ordinary one, marked, at any other', () => {
    const tiered = { ...price, serviceTiers: { flex: 0.5, rush: 2 } };
    const usage = estimatedUsage(1_000, 500);
    expect(costOf({ ...usage, serviceTier: 'flex' }, tiered)).toBe(3_750);
    expect(costOf({ ...usage, serviceTier: 'rush' }, tiered)).toBe(15_000);
    const unknown = { ...usage, serviceTier: 'toString' };
    expect([costOf(unknown, tiered), isPriceKnown(unknown, tiered)]).toEqual([7_500, false]);
    expect([isPriceKnown(usage, tiered), isPriceKnown({ ...usage, serviceTier: 'flex' }, tiered)]).toEqual([
      true,
      true,
    ]);
    const model = { provider: 'p', upstreamName: 'm', contextWindowTokens: 1, price: tiered };
    expect(costBound(1_000, 500, model, 2)).toBeGreaterThanOrEqual(15_000);
    expect(costBound(1_000, 500, model, 0.5)).toBeGreaterThanOrEqual(7_500);
  });

  it('includes a price a request: what the provider said it was, or else the dearest', () => {
    const perRequest = { inputPerMillion: 1, outputPerMillion: 1, perThousandRequests: 12 };
    expect(costOf(estimatedUsage(0, 0), perRequest)).toBe(12_000);
    expect(costOf({ ...estimatedUsage(0, 0), requestFeeMicroDollars: 5_000 }, perRequest)).toBe(5_000);
    expect(costOf({ ...estimatedUsage(0, 0), requestFeeMicroDollars: 5_000 }, price)).toBe(0);
    for (const fee of [-1, 11, Number.NaN, '5']) {
      const usage = readOpenAiUsage({ prompt_tokens: 1, completion_tokens: 1, cost: { request_cost: fee } });
      expect(usage).not.toHaveProperty('requestFeeMicroDollars');
    }
  });

  it('reads as dollars with six decimals', () => {
    expect(dollarsText(123)).toBe('0.000123');
    expect(dollarsText(12_345_678)).toBe('12.345678');
  });
});

describe('the usage a provider reports', () => {
  it('is split into parts that add up to what it said', () => {
    fc.assert(
      fc.property(
        fc.nat(5_000_000),
        fc.nat(500_000),
        fc.nat(6_000_000),
        fc.nat(600_000),
        (input, output, cached, reasoning) => {
          const usage = readOpenAiUsage({
            prompt_tokens: input,
            completion_tokens: output,
            total_tokens: input + output,
            prompt_tokens_details: { cached_tokens: cached, audio_tokens: 3 },
            completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 5 },
          });
          if (!usage) throw new Error('it is possible');
          expect(totalInputTokens(usage)).toBe(input);
          expect(totalOutputTokens(usage)).toBe(output);
          for (const tokens of Object.values(usage)) expect(Number(tokens)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('counts reasoning that a provider leaves out of its completion tokens', () => {
    const usage = readOpenAiUsage({
      prompt_tokens: 10,
      completion_tokens: 20,
      total_tokens: 130,
      completion_tokens_details: { reasoning_tokens: 100 },
    });
    expect(usage).toMatchObject({ textOutputTokens: 20, reasoningTokens: 100 });
  });

  it("knows DeepSeek's name for cache hits", () => {
    const usage = readOpenAiUsage({ prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 8 });
    expect(usage).toMatchObject({ uncachedInputTokens: 2, cacheReadTokens: 8 });
  });

  it.each([
    undefined,
    null,
    {},
    { prompt_tokens: -1, completion_tokens: 1 },
    { prompt_tokens: 1, completion_tokens: 1e308 },
    { prompt_tokens: 1.5, completion_tokens: 1 },
    { prompt_tokens: '1', completion_tokens: 1 },
  ])('is not believed when it is missing or impossible: %j', (usage) => {
    expect(readOpenAiUsage(usage)).toBeUndefined();
  });
});
