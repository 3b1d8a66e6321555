import { randomUUID } from 'node:crypto';
import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { chargeUpdate } from '../../lambda/core/rate-update.ts';
import { callerTerms } from '../../lambda/core/terms.ts';
import { budgetsStore } from '../../lambda/store/budgets.ts';
import { dynamoClient } from '../../lambda/store/dynamo.ts';
import { readState, updateExpression } from '../../lambda/store/rate-item.ts';
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
  budgetsStore(
    client(),
    localTableName('usage'),
    configuration.budgetRules,
    async (_account, _id, { estimate }) => ({ cost: estimate, isLost: false }),
    Date.now,
  );
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
  call: { model: 'openai/gpt-4o', wire: 'openai', stream: false },
});

async function within(limitMs: number, action: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(action()).rejects.toThrow();
  expect(performance.now() - startedAt).toBeLessThan(limitMs);
}

describe.each<Fault>(['throttle', 'fail', 'black hole'])('a store that does this: %s', (fault) => {
  it('makes a reservation fail within a second and a half, and a limit within one', async () => {
    proxy.set(fault);
    await within(1_500, () => budgets().reserve(request(randomUUID())));
    await within(1_000, () => limits().admit(randomUUID(), [{ counter: 'r', amount: 1, limit: 5 }]));
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

describe('a process that has not seen an account', () => {
  it('reads its limits once, then charges by one write; a refusal costs the write that counts it', async () => {
    const account = randomUUID();
    const charges = [{ counter: 'r', amount: 1, limit: 2 }];
    await limits().admit(account, charges);
    const calls: string[] = [];
    const counted = onceClient();
    counted.middlewareStack.add(
      (next, context) => (args) => {
        calls.push(String(context.commandName));
        return next(args);
      },
      { step: 'initialize', name: 'countCalls' },
    );
    const cold = () => rateLimitsStore(counted, localTableName('traffic'), configuration.penalties, Date.now);
    expect((await cold().admit(account, charges)).allowed).toBe(true);
    expect(calls.splice(0)).toEqual(['GetItemCommand', 'UpdateItemCommand']);
    expect((await cold().admit(account, charges)).allowed).toBe(false);
    expect(calls).toEqual(['GetItemCommand', 'UpdateItemCommand']);
  });
});

describe('what two processes know', () => {
  const charge = (counter: string, limit: number) => [{ counter, amount: 1, limit }];
  const at = (clock: () => number) =>
    rateLimitsStore(onceClient(), localTableName('traffic'), configuration.penalties, clock);

  it('of different counters of one account never keeps one of them from ending', async () => {
    let now = Date.parse('2026-11-24T12:00:00Z');
    const account = randomUUID();
    const [one, other] = [at(() => now), at(() => now)];
    await one.admit(account, charge('k:1', 5));
    await other.admit(account, charge('k:2', 1));
    now += 70_000;
    await one.admit(account, charge('k:1', 5));
    now += 1_000;
    expect((await other.admit(account, charge('k:2', 1))).allowed).toBe(true);
  });

  it('of an item that is deleted meanwhile is forgotten', async () => {
    const account = randomUUID();
    const warm = limits();
    await warm.admit(account, charge('r', 5));
    await client().send(
      new DeleteCommand({ TableName: localTableName('traffic'), Key: { pk: `rate#${account}`, sk: 'window' } }),
    );
    expect((await warm.admit(account, charge('r', 5))).allowed).toBe(true);
  });

  it('of refusals that are long past does not lock anybody out', async () => {
    let now = Date.parse('2026-11-24T12:00:00Z');
    const account = randomUUID();
    const store = at(() => now);
    await store.admit(account, charge('r', 1));
    for (let count = 0; count < 110; count++) await store.admit(account, charge('r', 1));
    now += 6 * 3_600_000;
    await store.admit(account, charge('r', 1));
    expect(await store.admit(account, charge('r', 1))).toMatchObject({ allowed: false, reason: 'rate_limit' });
  });

  it('writes expressions that fit DynamoDB, however many keys have limits and however long they paused', () => {
    let window = {};
    const charges = ['r', 't', 'k:key_0123456789abcdef', 'm:openai/gpt-4o'].map((counter) => ({
      counter,
      amount: 1,
      limit: 1e9,
    }));
    const START = Date.parse('2026-11-24T12:00:00Z');
    let item: Record<string, unknown> = {};
    for (let second = 0; second < 62; second += 2) {
      const update = chargeUpdate(window, charges, START + second * 1_000);
      item = { ...item, ...update.set };
      for (const [name, amount] of Object.entries(update.add)) item[name] = Number(item[name] ?? 0) + amount;
      window = readState(item).window;
    }
    for (const pauseMs of [2_000, 58_000, 62_000, 90_000]) {
      const update = chargeUpdate(window, charges, START + 60_000 + pauseMs);
      const { UpdateExpression, ConditionExpression } = updateExpression(update, START, 1);
      expect(UpdateExpression.length).toBeLessThan(4_096);
      expect(ConditionExpression.length).toBeLessThan(4_096);
    }
  });
});

describe('what a died process had reserved on an earlier day', () => {
  it('does not weigh on the month once its lease has ended', async () => {
    let now = Date.parse('2026-12-10T12:00:00Z');
    const account = randomUUID();
    const month = () =>
      budgetsStore(
        client(),
        localTableName('usage'),
        configuration.budgetRules,
        async () => ({ cost: 10, isLost: false }),
        () => now,
      );
    const asked = (estimate: number) => ({
      ...request(account),
      estimate,
      budgets: { monthMicroDollars: 1_000, hardStopPercent: 100 },
    });
    expect(await month().reserve(asked(950))).toMatchObject({ reserved: true });
    now = Date.parse('2026-12-29T12:00:00Z');
    expect(await month().reserve(asked(500))).toMatchObject({ reserved: true, earlier: 10 });
  });
});
