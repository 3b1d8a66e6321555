import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { ceilings, committedPercent, crossedPercents, isLimited } from '../../lambda/core/budget.ts';
import { dayAt, nextDayStartMs, nextMonthStartMs } from '../../lambda/core/calendar.ts';
import type { Model } from '../../lambda/core/configuration.ts';
import { costBound, inputTokenBound } from '../../lambda/core/cost-bound.ts';
import { costOf } from '../../lambda/core/price.ts';
import { readOpenAiUsage } from '../../lambda/core/usage.ts';

const DOLLAR = 1_000_000;
const rules = { hardStopPercent: 120 };

describe('the ceiling of a day', () => {
  it('is 120 % of the day, or what the month leaves, whichever is nearer', () => {
    const budgets = { dayMicroDollars: 10 * DOLLAR, monthMicroDollars: 100 * DOLLAR };
    expect(ceilings(budgets, {}, { account: 0, key: 0 }, rules).account).toEqual({ most: 12 * DOLLAR, period: 'day' });
    expect(ceilings(budgets, {}, { account: 115 * DOLLAR, key: 0 }, rules).account).toEqual({
      most: 5 * DOLLAR,
      period: 'month',
    });
    expect(ceilings({ ...budgets, hardStopPercent: 100 }, {}, { account: 0, key: 0 }, rules).account.most).toBe(
      10 * DOLLAR,
    );
  });

  it("of a key is its own amount, without the account's zone above it", () => {
    expect(ceilings({}, { dayMicroDollars: DOLLAR }, { account: 0, key: 0 }, rules)).toEqual({
      account: { most: Number.POSITIVE_INFINITY, period: 'day' },
      key: { most: DOLLAR, period: 'day' },
    });
    expect(isLimited({}, { monthMicroDollars: 0 })).toBe(true);
    expect(isLimited({ softLimit: 'warn' }, {})).toBe(false);
  });

  it('is told of as a share, and each threshold is crossed once', () => {
    expect(committedPercent({ dayMicroDollars: 100, monthMicroDollars: 1_000 }, 50, 800)).toBe(85);
    expect(crossedPercents(79, 81, 100, [80, 100])).toEqual([80]);
    expect(crossedPercents(81, 99, 100, [80, 100])).toEqual([]);
    expect(crossedPercents(10, 130, 100, [80, 100])).toEqual([80, 100]);
  });
});

describe('what a call can cost at most', () => {
  it('is never less than it does, for any split of the tokens', () => {
    const models = Object.values(configuration.models) as [Model, ...Model[]];
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.nat(400_000),
        fc.nat(20_000),
        fc.nat(400_000),
        fc.nat(400_000),
        fc.nat(400_000),
        (model, input, output, cached, written, written1h) => {
          const usage = readOpenAiUsage({
            prompt_tokens: input,
            completion_tokens: output,
            prompt_tokens_details: {
              cached_tokens: cached,
              cache_write_tokens: written,
              // Nobody else keeps anything for an hour.
              cache_write_1h_tokens: model.provider === 'anthropic' ? written1h : 0,
            },
          });
          if (!usage) throw new Error('it is possible');
          expect(costBound(input, output, model)).toBeGreaterThanOrEqual(costOf(usage, model.price));
        },
      ),
    );
  });

  it('counts input by bytes, and attachments by the dearest there is', () => {
    const text = { messages: [{ role: 'user', content: '水'.repeat(100) }] };
    expect(inputTokenBound(text, 128_000)).toBeGreaterThanOrEqual(300);
    const image = {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(1e6)}` } }],
        },
      ],
    };
    expect(inputTokenBound(image, 128_000)).toBeGreaterThan(48_000);
    expect(inputTokenBound(image, 128_000)).toBeLessThan(60_000);
    const disguised = {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' }, text: '' }] }],
    };
    expect(inputTokenBound(disguised, 128_000)).toBeGreaterThan(48_000);
    const named = { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] };
    expect(inputTokenBound(named, 128_000)).toBeGreaterThan(128_000);
    const beside = { messages: [{ role: 'user', content: 'x' }], prediction: { content: 'y'.repeat(10_000) } };
    expect(inputTokenBound(beside, 128_000)).toBeGreaterThan(10_000);
  });
});

describe('the calendar of an account', () => {
  it('changes its day at its own midnight', () => {
    const instant = Date.parse('2026-11-24T23:30:00Z');
    expect(dayAt(instant, 'UTC')).toBe('2026-11-24');
    expect(dayAt(instant, 'Europe/Berlin')).toBe('2026-11-25');
    expect(dayAt(instant, 'America/Los_Angeles')).toBe('2026-11-24');
    expect(() => dayAt(instant, 'Mars/Olympus')).toThrow(RangeError);
  });

  it('knows when day and month begin anew, also when clocks are changed', () => {
    const instant = Date.parse('2026-10-24T20:00:00Z');
    expect(new Date(nextDayStartMs(instant, 'Europe/Berlin')).toISOString()).toBe('2026-10-24T22:00:00.000Z');
    expect(new Date(nextDayStartMs(instant + 86_400_000, 'Europe/Berlin')).toISOString()).toBe(
      '2026-10-25T23:00:00.000Z',
    );
    expect(new Date(nextMonthStartMs(instant, 'America/New_York')).toISOString()).toBe('2026-11-01T04:00:00.000Z');
  });
});
