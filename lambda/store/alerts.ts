import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import type { BudgetAlert } from '../core/budget-alert.ts';
import type { Alerts, Clock } from '../ports.ts';

/** A month's alerts must be remembered until the month is over; two months are enough for any time zone. */
const REMEMBERED_SECONDS = 62 * 86_400;

/** Alerts waiting at `pk = alerts`; what has been raised before at `pk = raised#<account>`. Both in the `usage` table. */
const WAITING = 'alerts';

/** Raises each alert once a period, and keeps it waiting until it is delivered. */
export function alertsStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): Alerts {
  return {
    async raise(alert) {
      const raised = { pk: `raised#${alert.account}`, sk: `${alert.period}#${alert.percent}` };
      const expiresAt = Math.ceil(clock() / 1_000) + REMEMBERED_SECONDS;
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: raised, ConsistentRead: true }));
      if (Item) return;
      // Waiting first: a process that dies in between leaves an alert that may be told twice, by one id, but none untold.
      await client.send(new PutCommand({ TableName: tableName, Item: { pk: WAITING, sk: alert.id, ...alert } }));
      await client.send(new PutCommand({ TableName: tableName, Item: { ...raised, expiresAt } }));
    },

    async waiting() {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': WAITING },
          ConsistentRead: true,
        }),
      );
      return Items.map(({ pk: _pk, sk: _sk, ...alert }) => alert as BudgetAlert);
    },

    async delivered(id) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: { pk: WAITING, sk: id } }));
    },
  };
}
