import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Erasure } from '../core/erasure.ts';
import type { Erasures } from '../ports.ts';
import { queryAll } from './query-all.ts';

/**
 * Orders to erase in the `usage` table: each at `pk = erasures#<account>`, `sk = <id>`, kept as the receipt it is; those that are
 * under way once more at `pk = erasures`, `sk = <account>#<id>`.
 */
export function erasuresStore(client: DynamoDBDocumentClient, tableName: string): Erasures {
  const placeOf = ({ account, id }: Pick<Erasure, 'account' | 'id'>) => ({ pk: `erasures#${account}`, sk: id });
  const pendingPlaceOf = ({ account, id }: Erasure) => ({ pk: 'erasures', sk: `${account}#${id}` });
  const put = (Item: Record<string, unknown>) => client.send(new PutCommand({ TableName: tableName, Item }));

  async function all(pk: string): Promise<Erasure[]> {
    const found: Erasure[] = [];
    const query = {
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    };
    for await (const { pk: _pk, sk: _sk, ...erasure } of queryAll(client, tableName, query)) {
      found.push(erasure as unknown as Erasure);
    }
    return found;
  }

  return {
    async order(erasure) {
      // Who finds it under way also finds its receipt.
      await put({ ...placeOf(erasure), ...erasure });
      await put({ ...pendingPlaceOf(erasure), ...erasure });
    },

    async find(account, id) {
      const Key = placeOf({ account, id });
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
      if (!Item) return undefined;
      const { pk: _pk, sk: _sk, ...erasure } = Item;
      return erasure as Erasure;
    },

    of: (account) => all(`erasures#${account}`),
    pending: () => all('erasures'),

    async progress(erasure) {
      await put({ ...placeOf(erasure), ...erasure });
      if (erasure.state === 'under way') await put({ ...pendingPlaceOf(erasure), ...erasure });
      else await client.send(new DeleteCommand({ TableName: tableName, Key: pendingPlaceOf(erasure) }));
    },
  };
}
