import { describe, expect, it } from 'vitest';
import { timeLimitMs } from '../../lambda/core/deadline.ts';
import { retryAfterSeconds } from '../../lambda/providers/retry-after.ts';

const deadlines = { defaultMs: 100_000, maximumMs: 200_000, firstContentMs: 1, betweenChunksMs: 1 };

describe('the time a request has', () => {
  it('is what the caller asks for, up to the maximum, and ends before the platform does', () => {
    expect(timeLimitMs(undefined, deadlines, 900_000)).toBe(100_000);
    expect(timeLimitMs(5_000, deadlines, 900_000)).toBe(5_000);
    expect(timeLimitMs(500_000, deadlines, 900_000)).toBe(200_000);
    expect(timeLimitMs(undefined, deadlines, 30_000)).toBe(28_000);
    expect(timeLimitMs(undefined, deadlines, 500)).toBe(1);
  });
});

describe('retry-after', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '0.4' }, 1],
    [{ 'retry-after': 'Tue, 24 Nov 2026 12:00:30 GMT' }, 30],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 2],
    [{ 'retry-after': '86400' }, 86_400],
    [{ 'retry-after': 'Tue, 24 Nov 2026 11:00:00 GMT' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j is %s seconds', (headers, seconds) => {
    expect(retryAfterSeconds(headers, now)).toBe(seconds);
  });
});
