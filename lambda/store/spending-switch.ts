import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../ports.ts';

/** Beside the circuits, which every process reads before a call: so looking at the switch costs nothing. No model has this id. */
export const SPENDING_KEY = { pk: 'circuits', sk: 'spending' } as const;

/** While it is off, no provider is called. Processes know within two seconds. */
export interface SpendingSwitch {
  stop(): Promise<void>;
  resume(): Promise<void>;
  /** When spending was stopped; undefined while it is not. */
  stoppedAtMs(): Promise<number | undefined>;
}

/** The switch in the `traffic` table: it is off as long as its item is there, and that never expires. */
export function spendingSwitch(client: DynamoDBDocumentClient, tableName: string, clock: Clock): SpendingSwitch {
  return {
    async stop() {
      await client.send(new PutCommand({ TableName: tableName, Item: { ...SPENDING_KEY, stoppedAtMs: clock() } }));
    },

    async resume() {
      await client.send(new DeleteCommand({ TableName: tableName, Key: SPENDING_KEY }));
    },

    async stoppedAtMs() {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: SPENDING_KEY, ConsistentRead: true }),
      );
      return Item && Number(Item.stoppedAtMs);
    },
  };
}
