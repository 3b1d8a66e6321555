import { randomUUID } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { lostEvent, PROCESS_LOST, reservationId } from '../../lambda/core/lost-call.ts';
import { requestId } from '../../lambda/core/request-id.ts';
import { estimatedUsage } from '../../lambda/core/usage.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import type { ReservationRequest } from '../../lambda/ports.ts';
import { readDay } from '../../lambda/store/budget-item.ts';
import { budgetsStore } from '../../lambda/store/budgets.ts';
import { costOfUnsettled } from '../../lambda/store/lost-calls.ts';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();

const START_MS = Date.parse('2026-11-24T12:00:00Z');
const DAY = '2026-11-24';
const { budgetRules } = configuration;

/** An account with a clock of its own, its budget and its ledger. */
function account() {
  let nowMs = START_MS;
  const clock = () => nowMs;
  const id = randomUUID();
  const table = localTableName('usage');
  const events = usageEventsStore(database.client, table, 400, clock);
  const budgets = budgetsStore(database.client, table, budgetRules, costOfUnsettled(events, 'test'), clock);
  const request = requestId(START_MS, randomUUID());
  const asked = (callNumber = 0, more: Partial<ReservationRequest> = {}): ReservationRequest => ({
    account: id,
    keyId: 'key_1',
    requestId: reservationId(request, callNumber),
    estimate: 60 + callNumber,
    budgets: { dayMicroDollars: 1_000_000 },
    keyBudgets: {},
    callsInFlight: undefined,
    timeZone: 'UTC',
    call: { model: 'openai/gpt-4o', wire: 'headgate', stream: true },
    ...more,
  });
  return {
    budgets,
    asked,
    events,
    event: () => events.find(id, request),
    /** The event that the process itself writes, after so many calls. */
    own: (costMicroDollars: number, attempts = 1): UsageEvent => ({
      requestId: request,
      account: id,
      keyId: 'key_1',
      startedAtMs: START_MS,
      wire: 'headgate',
      stream: true,
      requestedModel: 'gpt-4o',
      outcome: 'answered',
      usage: estimatedUsage(10, 5),
      costMicroDollars,
      priceCatalogueVersion: 'test',
      attempts,
      latencyMs: 12,
    }),
    async reserve(callNumber?: number) {
      expect(await budgets.reserve(asked(callNumber))).toMatchObject({ reserved: true, day: DAY });
    },
    /** When leases have ended, settles what is left; twice, since sweeps and callers both do. */
    async reap() {
      nowMs += budgetRules.reservationLeaseMs;
      const { reaped } = await budgets.reapDay(id, DAY);
      expect(await budgets.reapDay(id, DAY)).toMatchObject({ reaped: 0 });
      return reaped;
    },
    async day() {
      const Key = { pk: `budget#${id}`, sk: DAY };
      return readDay(
        (await database.client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item,
      );
    },
  };
}

const settledAt = (spent: number) => ({ spent, committed: spent, committedByKey: { key_1: spent }, pending: {} });

describe('a call whose process is lost', () => {
  it('has one row, which costs what was reserved', async () => {
    const { reserve, reap, event, day } = account();
    await reserve();
    expect(await event()).toBeUndefined();
    expect(await reap()).toBe(1);
    expect(await event()).toMatchObject({
      startedAtMs: START_MS,
      model: 'openai/gpt-4o',
      provider: 'openai',
      wire: 'headgate',
      stream: true,
      outcome: 'interrupted',
      errorCode: PROCESS_LOST,
      costMicroDollars: 60,
      usage: { estimated: true },
    });
    expect(await day()).toMatchObject({ ...settledAt(60), callsInFlight: 0 });
  });

  it('costs what its row says, where it came to write one', async () => {
    const { reserve, reap, event, events, own, day } = account();
    await reserve();
    await events.record(own(7));
    expect(await reap()).toBe(1);
    expect(await event()).toEqual(own(7));
    expect(await day()).toMatchObject({ ...settledAt(7), lost: {} });
  });

  it('that was only slow has its own row and costs what it cost, whichever it writes first, and however often', async () => {
    for (const isEventFirst of [true, false]) {
      const { budgets, asked, reserve, reap, event, events, own, day } = account();
      await reserve();
      await reap();
      const record = () => events.record(own(9));
      const settle = () => budgets.settle(asked(), DAY, 9);
      const both = isEventFirst ? [record, settle] : [settle, record];
      for (const write of [...both, ...both]) await write();
      expect(await event()).toEqual(own(9));
      expect(await day()).toMatchObject({ ...settledAt(9), lost: {} });
    }
  });

  it('that is made again by another process after its lease is reserved for once', async () => {
    const { budgets, asked, reserve, reap, event, events, own, day } = account();
    await reserve();
    await reap();
    await reserve();
    expect(await day()).toMatchObject({ ...settledAt(60), callsInFlight: 0 });
    await events.record(own(9));
    await budgets.settle(asked(), DAY, 9);
    expect(await event()).toEqual(own(9));
    expect(await day()).toMatchObject(settledAt(9));
  });

  it('costs nothing for the calls of its request that had failed before, given back or not', async () => {
    const { reserve, reap, event, day } = account();
    await reserve(0);
    await reserve(1);
    expect(await reap()).toBe(2);
    expect(await event()).toMatchObject({ attempts: 2, costMicroDollars: 61 });
    expect(await day()).toMatchObject(settledAt(61));
  });

  it('can be corrected as long as few others are lost after it: the item of a day stays small', async () => {
    const { budgets, asked, reap, day } = account();
    for (let count = 0; count < 130; count++) {
      await budgets.reserve(asked(0, { requestId: requestId(START_MS + count, randomUUID()) }));
    }
    expect(await reap()).toBe(130);
    const { lost, spent, pending } = await day();
    expect([Object.keys(lost).length, spent, pending]).toEqual([100, 130 * 60, {}]);
  });
});

it('a reservation of an older version tells less, and has its row, too', () => {
  const id = requestId(START_MS, randomUUID());
  const lost = { account: 'acme', keyId: 'key_1', reservationId: reservationId(id, 2), estimate: 7 };
  const event = lostEvent(lost, 'test');
  expect(event).toMatchObject({ requestId: id, startedAtMs: START_MS, attempts: 3, costMicroDollars: 7 });
  expect(event).not.toHaveProperty('model');
});

describe('the ledger', () => {
  it('replaces a row that says the process was lost, and no other', async () => {
    const { events, event, own } = account();
    const lost = { ...own(50), outcome: 'interrupted' as const, errorCode: PROCESS_LOST };
    await events.record(lost);
    await events.record({ ...lost, costMicroDollars: 1 });
    expect(await event()).toEqual(lost);
    await events.record(own(9));
    await events.record(lost);
    await events.record(own(8));
    expect(await event()).toEqual(own(9));
  });
});
