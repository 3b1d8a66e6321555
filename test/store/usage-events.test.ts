import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestId } from '../../lambda/core/request-id.ts';
import { estimatedUsage } from '../../lambda/core/usage.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { type EmbeddedDynamo, embeddedClient, localTableName } from '../../local/dynamo.ts';
import { startTestDynamo } from './test-dynamo.ts';

let dynamo: EmbeddedDynamo;
let client: DynamoDBDocumentClient;

beforeAll(async () => {
  dynamo = await startTestDynamo();
  client = embeddedClient(dynamo.endpoint);
});
afterAll(async () => {
  client.destroy();
  await dynamo.close();
});

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
    const ledger = usageEventsStore(client, localTableName('usage'));
    await ledger.record(event);
    await ledger.record({ ...event, costMicroDollars: 1 });
    expect(await ledger.find('acme', event.requestId)).toEqual(event);
  });

  it('shows an account no event of another', async () => {
    expect(await usageEventsStore(client, localTableName('usage')).find('other', event.requestId)).toBeUndefined();
  });
});
