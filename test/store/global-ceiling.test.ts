import { describe, expect, it } from 'vitest';
import { globalCeilingStore } from '../../lambda/store/global-ceiling.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
const CEILING = 1_000_000;

describe('the ceiling of the deployment', () => {
  it('holds over many processes that spend at once, and is used but for what they have left', async () => {
    const processes = Array.from({ length: 8 }, () =>
      globalCeilingStore(database.client, localTableName('usage'), CEILING, () => Date.parse('2026-11-24T12:00:00Z')),
    );
    let spent = 0;
    const spend = async (index: number) => {
      for (;;) {
        const ceiling = processes[index % processes.length];
        const share = await ceiling?.reserve(1_300);
        if (!ceiling || !share) return;
        const actual = 700 + (index % 600);
        spent += actual;
        await new Promise((resolve) => setTimeout(resolve, 1));
        ceiling.settle(share, actual);
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, index) => spend(index)));
    expect(spent).toBeLessThanOrEqual(CEILING);
    expect(spent).toBeGreaterThan(CEILING * 0.9);
  });

  it('begins anew each day, and refuses what could never fit', async () => {
    let now = Date.parse('2026-12-01T23:59:59Z');
    const ceiling = globalCeilingStore(database.client, localTableName('usage'), 100, () => now);
    expect(await ceiling.reserve(101)).toBeUndefined();
    const share = await ceiling.reserve(100);
    expect(share).toBeDefined();
    expect(await ceiling.reserve(1)).toBeUndefined();
    now += 1_000;
    expect(await ceiling.reserve(100)).toBeDefined();
    if (share) ceiling.settle(share, 0);
    expect(await ceiling.reserve(1)).toBeUndefined();
  });
});
