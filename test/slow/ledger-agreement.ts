import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { type BudgetDay, readDay } from '../../lambda/store/budget-item.ts';
import { eventsBetween } from '../../lambda/store/usage-events.ts';
import { utcDayAt } from '../../lambda/utc-day.ts';
import { localTableName } from '../../local/dynamo.ts';
import { type Account, asAdmin, type GatewayProcess } from './gateway-process.ts';

type Database = DynamoDBDocumentClient;

const HOUR_MS = 3_600_000;

/** The rows of an account. */
export async function eventsOf(database: Database, { id }: Account): Promise<UsageEvent[]> {
  const from = Math.floor((Date.now() - HOUR_MS) / HOUR_MS) * HOUR_MS;
  const events: UsageEvent[] = [];
  for await (const one of eventsBetween(database, localTableName('usage'), id, from, Date.now() + HOUR_MS))
    events.push(one);
  return events;
}

async function daysOf(database: Database, { id }: Account): Promise<BudgetDay[]> {
  const { Items = [] } = await database.send(
    new QueryCommand({
      TableName: localTableName('usage'),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `budget#${id}` },
      ConsistentRead: true,
    }),
  );
  return Items.map(readDay);
}

const sumBy = <One>(some: readonly One[], of: (one: One) => number) => some.reduce((sum, one) => sum + of(one), 0);

/** Nothing is reserved. */
export const isSettled = async (database: Database, account: Account) =>
  (await daysOf(database, account)).every(({ pending }) => Object.keys(pending).length === 0);

/** An hour of it has been summed up and marked. */
export async function isClosed(database: Database, { id }: Account): Promise<boolean> {
  const { Count = 0 } = await database.send(
    new QueryCommand({
      TableName: localTableName('usage'),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `usage-closed#${id}` },
    }),
  );
  return Count > 0;
}

/** Expects that rows, their sums by day and by month, and the money of the budgets are one and the same, and nothing is reserved. */
export async function agree(
  database: Database,
  survivor: GatewayProcess,
  account: Account,
  rows: readonly UsageEvent[],
): Promise<void> {
  const spent = sumBy(rows, ({ costMicroDollars }) => costMicroDollars);
  const from = utcDayAt(Date.now() - 24 * HOUR_MS);
  const to = utcDayAt(Date.now() + 24 * HOUR_MS);
  for (const groupBy of ['day', 'month', 'key']) {
    const path = `/v2/usage?account=${account.id}&from=${from}&to=${to}&groupBy=${groupBy}`;
    const { totals, groups } = await asAdmin(survivor, 'GET', path);
    expect([totals.requests, totals.costMicroDollars]).toEqual([rows.length, spent]);
    const sums = groups as { requests: number; costMicroDollars: number }[];
    expect(sumBy(sums, ({ requests }) => requests)).toBe(rows.length);
    expect(sumBy(sums, ({ costMicroDollars }) => costMicroDollars)).toBe(spent);
  }
  for (const day of await daysOf(database, account)) {
    expect(day).toMatchObject({ callsInFlight: 0, pending: {}, committed: day.spent });
  }
  expect(sumBy(await daysOf(database, account), (day) => day.spent)).toBe(spent);
}
