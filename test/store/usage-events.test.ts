import { describe, expect, it } from 'vitest';
import { requestId } from '../../lambda/core/request-id.ts';
import { estimatedUsage } from '../../lambda/core/usage.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();

const startedAtMs = Date.parse('2026-11-24T23:59:59.999Z');
const event: UsageEvent = {
  requestId: requestId(startedAtMs, '00000000-0000-4000-8000-000000000000'),
  account: 'acme',
  keyId: 'key_1',
  startedAtMs,
  wire: 'openai',
  stream: false,
  requestedModel: 'gpt-4o',
  outcome: 'answered',
  usage: estimatedUsage(10, 5),
  costMicroDollars: 75,
  priceCatalogueVersion: 'test',
  attempts: 1,
  latencyMs: 12,
};

describe('the ledger', () => {
  it('keeps one event a request, the first, however often it is written', async () => {
    const ledger = usageEventsStore(database.client, localTableName('usage'), 400);
    await ledger.record(event);
    await ledger.record({ ...event, costMicroDollars: 1 });
    expect(await ledger.find('acme', event.requestId)).toEqual(event);
  });

  it('shows nothing that is older than it is kept, although the store still has it', async () => {
    const ledgerAt = (days: number) =>
      usageEventsStore(database.client, localTableName('usage'), 30, () => startedAtMs + days * 86_400_000);
    await ledgerAt(0).record({ ...event, account: 'old' });
    const range = { fromMs: startedAtMs - 1, toMs: startedAtMs + 1, fields: {} };
    const seen = async (days: number) => [
      (await ledgerAt(days).find('old', event.requestId)) !== undefined,
      (await ledgerAt(days).list('old', range, 10)).events.length,
    ];
    expect([await seen(29), await seen(31)]).toEqual([
      [true, 1],
      [false, 0],
    ]);
  });

  it('shows an account no event of another', async () => {
    expect(
      await usageEventsStore(database.client, localTableName('usage'), 400).find('other', event.requestId),
    ).toBeUndefined();
  });
});
