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
    const ledger = usageEventsStore(database.client, localTableName('usage'));
    await ledger.record(event);
    await ledger.record({ ...event, costMicroDollars: 1 });
    expect(await ledger.find('acme', event.requestId)).toEqual(event);
  });

  it('shows an account no event of another', async () => {
    expect(
      await usageEventsStore(database.client, localTableName('usage')).find('other', event.requestId),
    ).toBeUndefined();
  });
});
