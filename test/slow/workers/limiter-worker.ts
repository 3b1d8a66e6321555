import { setTimeout as pause } from 'node:timers/promises';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { penalties } from '../../../config/penalties.ts';
import { rateLimitsStore } from '../../../lambda/store/rate-limits.ts';
import { embeddedClient, localTableName } from '../../../local/dynamo.ts';

/**
 * Calls as fast as it may, with a clock of its own, and reports when it was admitted by the real one. A minute of the limit
 * takes `minuteMs` here: the clock it gives to the limiter runs that much faster.
 */
export interface LimiterTask {
  endpoint: string;
  account: string;
  limit: number;
  workers: number;
  skewMs: number;
  durationMs: number;
  minuteMs: number;
  naive: boolean;
}

process.once('message', async (task: LimiterTask) => {
  const client = embeddedClient(task.endpoint);
  const speed = 60_000 / task.minuteMs;
  const clock = () => (performance.timeOrigin + performance.now() + task.skewMs) * speed;
  const lenient = { ...penalties, refusalsBeforeLockOut: 1e9 };
  const limits = rateLimitsStore(client, localTableName('traffic'), lenient, clock);
  const charges = [{ counter: 'r', amount: 1, limit: task.limit }];
  const admissions: number[] = [];
  const endsAt = Date.now() + task.durationMs;

  /** Looks, then counts: what must not be done. */
  async function naiveAdmit(): Promise<boolean> {
    const Key = { pk: `naive#${task.account}`, sk: String(Math.floor(clock() / 60_000)) };
    const { Item } = await client.send(new GetCommand({ TableName: localTableName('traffic'), Key }));
    if (Number(Item?.count ?? 0) >= task.limit) return false;
    await client.send(
      new UpdateCommand({
        TableName: localTableName('traffic'),
        Key,
        UpdateExpression: 'ADD #count :one',
        ExpressionAttributeNames: { '#count': 'count' },
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );
    return true;
  }

  const call = async () => {
    while (Date.now() < endsAt) {
      const allowed = task.naive ? await naiveAdmit() : (await limits.admit(task.account, charges)).allowed;
      if (allowed) admissions.push(performance.timeOrigin + performance.now());
      await pause(allowed ? 1 : 5);
    }
  };
  await Promise.all(Array.from({ length: task.workers }, call));
  process.send?.(admissions, () => process.exit(0));
});
