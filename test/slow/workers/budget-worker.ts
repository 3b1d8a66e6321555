import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { budgetRules } from '../../../config/budgets.ts';
import { budgetsStore } from '../../../lambda/store/budgets.ts';
import { embeddedClient, localTableName } from '../../../local/dynamo.ts';

/** Callers that reserve, spend a little less than they reserved, and settle; or, naively, look and then add. */
export interface BudgetTask {
  endpoint: string;
  account: string;
  callers: number;
  callsEach: number;
  estimate: number;
  dayMicroDollars: number;
  leaseMs: number;
  /** How long a call takes, at the most. */
  callMs: number;
  naive: boolean;
}

process.once('message', async (task: BudgetTask) => {
  const client = embeddedClient(task.endpoint);
  const rules = { ...budgetRules, hardStopPercent: 100, reservationLeaseMs: task.leaseMs };
  const budgets = budgetsStore(
    client,
    localTableName('usage'),
    rules,
    async (_account, _id, { estimate }) => ({ cost: estimate, isLost: false }),
    Date.now,
  );

  async function spend(): Promise<void> {
    const request = {
      account: task.account,
      keyId: 'key_1',
      requestId: randomUUID(),
      estimate: task.estimate,
      budgets: { dayMicroDollars: task.dayMicroDollars },
      keyBudgets: {},
      callsInFlight: undefined,
      timeZone: 'UTC',
      call: { model: 'openai/gpt-4o', wire: 'openai', stream: false },
    };
    const verdict = await budgets.reserve(request);
    if (!verdict.reserved) {
      process.send?.({ refused: verdict.reason });
      return;
    }
    const actual = Math.ceil(task.estimate * (0.5 + Math.random() / 2));
    // What a provider bills is billed from here on, whatever becomes of this process.
    process.send?.({ billed: actual });
    await pause((0.2 + Math.random() * 0.8) * task.callMs);
    await budgets.settle(request, verdict.day, actual);
  }

  async function spendNaively(): Promise<void> {
    const Key = { pk: `naive#${task.account}`, sk: 'budget' };
    const { Item } = await client.send(
      new GetCommand({ TableName: localTableName('usage'), Key, ConsistentRead: true }),
    );
    if (Number(Item?.spent ?? 0) + task.estimate > task.dayMicroDollars) return;
    process.send?.({ billed: task.estimate });
    await pause((0.2 + Math.random() * 0.8) * task.callMs);
    await client.send(
      new UpdateCommand({
        TableName: localTableName('usage'),
        Key,
        UpdateExpression: 'ADD spent :estimate',
        ExpressionAttributeValues: { ':estimate': task.estimate },
      }),
    );
  }

  const call = async () => {
    for (let count = 0; count < task.callsEach; count++) await (task.naive ? spendNaively() : spend());
  };
  await Promise.all(Array.from({ length: task.callers }, call));
  process.send?.({ done: true }, () => process.exit(0));
});
