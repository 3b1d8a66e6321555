import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { budgetRules } from '../../config/budgets.ts';
import { dayAt } from '../../lambda/core/calendar.ts';
import { readDay } from '../../lambda/store/budget-item.ts';
import { budgetsStore } from '../../lambda/store/budgets.ts';
import { type EmbeddedDynamo, embeddedClient, localTableName } from '../../local/dynamo.ts';
import { startTestDynamo } from '../store/test-dynamo.ts';
import type { BudgetTask } from './workers/budget-worker.ts';
import { startWorker } from './workers/run-workers.ts';

const PROCESSES = 4;
const BUDGET = 100_000;
const ESTIMATE = 700;
const LEASE_MS = 6_000;

let dynamo: EmbeddedDynamo;
beforeAll(async () => {
  dynamo = await startTestDynamo();
});
afterAll(() => dynamo.close());

function start(account: string, naive: boolean, callers: number, callsEach: number, callMs = 25) {
  const task: BudgetTask = {
    endpoint: dynamo.endpoint,
    account,
    callers: callers / PROCESSES,
    callsEach,
    estimate: ESTIMATE,
    dayMicroDollars: BUDGET,
    leaseMs: LEASE_MS,
    callMs,
    naive,
  };
  return Array.from({ length: PROCESSES }, () => startWorker('budget-worker.ts', task));
}

const billedIn = (messages: unknown[][]) =>
  messages.flat().reduce((sum: number, message) => sum + ((message as { billed?: number }).billed ?? 0), 0);

async function dayOf(account: string) {
  const client = embeddedClient(dynamo.endpoint);
  const Key = { pk: `budget#${account}`, sk: dayAt(Date.now(), 'UTC') };
  const { Item } = await client.send(new GetCommand({ TableName: localTableName('usage'), Key, ConsistentRead: true }));
  client.destroy();
  return readDay(Item);
}

it('500 callers at one budget spend all of it and not a micro-dollar more', async () => {
  const account = randomUUID();
  const billed = billedIn(await Promise.all(start(account, false, 500, 1).map(({ messages }) => messages)));
  const more = billedIn(await Promise.all(start(account, false, 40, 5).map(({ messages }) => messages)));
  const total = billed + more;
  expect(total).toBeLessThanOrEqual(BUDGET);
  expect(total).toBeGreaterThan(BUDGET - ESTIMATE);
  const day = await dayOf(account);
  expect(day).toMatchObject({ spent: total, committed: total, callsInFlight: 0, pending: {} });
  expect(day.committedByKey).toEqual({ key_1: total });
});

it('is measured by a harness that a naive budget fails', async () => {
  const billed = billedIn(await Promise.all(start(randomUUID(), true, 500, 1).map(({ messages }) => messages)));
  expect(billed).toBeGreaterThan(BUDGET);
});

it('what killed processes had reserved counts as spent until the lease ends, then nothing is pending', async () => {
  const account = randomUUID();
  const workers = start(account, false, 80, 2, 1_000);
  for (const { child } of workers.slice(0, 2))
    child.once('message', () => setTimeout(() => child.kill('SIGKILL'), 400));
  const billed = billedIn(await Promise.all(workers.map(({ messages }) => messages)));
  const held = await dayOf(account);
  expect(Object.keys(held.pending).length).toBeGreaterThan(0);
  expect(held.committed).toBe(
    held.spent + Object.values(held.pending).reduce((sum, { estimate }) => sum + estimate, 0),
  );
  expect(held.committed).toBeLessThanOrEqual(BUDGET);

  await pause(LEASE_MS);
  const client = embeddedClient(dynamo.endpoint);
  const rules = { ...budgetRules, reservationLeaseMs: LEASE_MS };
  const budgets = budgetsStore(
    client,
    localTableName('usage'),
    rules,
    async (_account, _id, { estimate }) => ({ cost: estimate, isLost: false }),
    Date.now,
  );
  expect((await budgets.reapDay(account, dayAt(Date.now(), 'UTC'))).reaped).toBe(Object.keys(held.pending).length);
  client.destroy();
  const after = await dayOf(account);
  expect(after).toMatchObject({ callsInFlight: 0, pending: {}, committed: after.spent });
  expect(after.spent).toBeGreaterThanOrEqual(billed);
  expect(after.spent).toBeLessThanOrEqual(BUDGET);
});
