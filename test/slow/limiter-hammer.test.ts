import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EmbeddedDynamo } from '../../local/dynamo.ts';
import { startTestDynamo } from '../store/test-dynamo.ts';
import type { LimiterTask } from './workers/limiter-worker.ts';
import { startWorker } from './workers/run-workers.ts';

/** The minute is compressed twelvefold, and with it everything the limiter derives from it; clocks are 400 ms apart in it. */
const MINUTE_MS = 5_000;
const COMPRESSION = 60_000 / MINUTE_MS;
const PROCESSES = 4;
const LIMIT = 50;

let dynamo: EmbeddedDynamo;
beforeAll(async () => {
  dynamo = await startTestDynamo();
});
afterAll(() => dynamo.close());

/** The admissions of 32 workers in 4 processes, in order. */
async function hammer(naive: boolean, durationMs: number): Promise<number[]> {
  const account = randomUUID();
  const processes = Array.from({ length: PROCESSES }, (_, index) => {
    const skewMs = ((index / (PROCESSES - 1)) * 400 - 200) / COMPRESSION;
    const task: LimiterTask = {
      endpoint: dynamo.endpoint,
      account,
      limit: LIMIT,
      workers: 8,
      skewMs,
      durationMs,
      minuteMs: MINUTE_MS,
      naive,
    };
    return startWorker('limiter-worker.ts', task);
  });
  const messages = await Promise.all(processes.map(({ messages }) => messages));
  return messages.flatMap(([admissions]) => admissions as number[]).sort((a, b) => a - b);
}

/** The most admissions in any window of one (compressed) minute. */
function mostInAMinute(admissions: number[]): number {
  let first = 0;
  return admissions.reduce((most, at, index) => {
    while ((admissions[first] ?? 0) <= at - MINUTE_MS) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}

it('never admits more than the limit in any rolling minute, by 32 workers in 4 processes with clocks apart', async () => {
  const admissions = await hammer(false, 4 * MINUTE_MS);
  expect(mostInAMinute(admissions)).toBeLessThanOrEqual(LIMIT);
  // A caller who never pauses gets the whole limit at once, and again after little more than a minute.
  expect(admissions.length).toBeGreaterThanOrEqual(LIMIT * 3);
});

it('is measured by a harness that a naive limiter fails', async () => {
  const admissions = await hammer(true, MINUTE_MS);
  expect(mostInAMinute(admissions)).toBeGreaterThan(LIMIT);
});
