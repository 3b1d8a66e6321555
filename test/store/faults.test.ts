import { randomUUID } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { callerTerms } from '../../lambda/core/terms.ts';
import { budgetsStore } from '../../lambda/store/budgets.ts';
import { dynamoClient } from '../../lambda/store/dynamo.ts';
import { rateLimitsStore } from '../../lambda/store/rate-limits.ts';
import { type EmbeddedDynamo, localTableName } from '../../local/dynamo.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { startTestDynamo } from './test-dynamo.ts';

let dynamo: EmbeddedDynamo;
let proxy: FaultProxy;
beforeAll(async () => {
  dynamo = await startTestDynamo();
  proxy = await startFaultProxy(dynamo.endpoint);
});
afterAll(async () => {
  await proxy.close();
  await dynamo.close();
});
beforeEach(() => proxy.set('none'));

/** The clients of a deployed function, with its time limits. */
const local = { region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const client = () => dynamoClient({ ...local, endpoint: proxy.endpoint });
const onceClient = () => dynamoClient({ ...local, endpoint: proxy.endpoint, maxAttempts: 1 });
const budgets = () =>
  budgetsStore(client(), localTableName('usage'), configuration.budgetRules, async () => undefined, Date.now);
const limits = () => rateLimitsStore(onceClient(), localTableName('traffic'), configuration.penalties, Date.now);

const request = (account: string) => ({
  account,
  keyId: 'key_1',
  requestId: randomUUID(),
  estimate: 60,
  budgets: { dayMicroDollars: 1_000 },
  keyBudgets: {},
  callsInFlight: 5,
  timeZone: 'UTC',
});

async function within(limitMs: number, action: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(action()).rejects.toThrow();
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
}

describe.each<Fault>(['throttle', 'fail', 'black hole'])('a store that does this: %s', (fault) => {
  it('makes a reservation fail within two seconds, and a limit within one', async () => {
    proxy.set(fault);
    await within(2_200, () => budgets().reserve(request(randomUUID())));
    await within(1_200, () => limits().admit(randomUUID(), [{ counter: 'r', amount: 1, limit: 5 }]));
  });
});

describe('an answer of the store that is lost', () => {
  it('leaves one reservation, which counts once, and one settlement', async () => {
    const account = randomUUID();
    const asked = request(account);
    proxy.set('lose the answer', 'UpdateItem', 1);
    const verdict = await budgets().reserve(asked);
    expect(verdict).toMatchObject({ reserved: true, committed: 60 });
    if (!verdict.reserved) return;
    proxy.set('lose the answer', 'UpdateItem', 1);
    await budgets().settle(asked, verdict.day, 40);
    expect(await budgets().reapDay(account, verdict.day)).toEqual({ reaped: 0, spent: 40 });
    expect(await budgets().settle(asked, verdict.day, 40)).toBeUndefined();
  });

  it('to a limit counts as used, and is not repeated', async () => {
    const account = randomUUID();
    proxy.set('lose the answer', 'UpdateItem', 1);
    const charges = [{ counter: 'r', amount: 1, limit: 5 }];
    await expect(limits().admit(account, charges)).rejects.toThrow();
    const Key = { pk: `rate#${account}`, sk: 'window' };
    const { Item } = await client().send(
      new GetCommand({ TableName: localTableName('traffic'), Key, ConsistentRead: true }),
    );
    expect(Item?.r).toBe(1);
  });
});

describe('terms', () => {
  it('of a tier that is no longer configured are those of the default tier', () => {
    const terms = callerTerms({ tier: 'gone' }, {}, configuration.tiers, configuration.defaultTier);
    expect(terms.limits).toEqual(configuration.tiers.free);
  });
});
