import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { apiKeyId } from '../core/api-key.ts';
import type { Caller, Clock } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/** A key as it lies in the `accounts` table, at `pk = key#<sha256>`. The key itself is nowhere. */
interface KeyItem {
  pk: string;
  sk: 'key';
  account: string;
  role: Caller['role'];
  label: string;
  createdAtMs: number;
  expiresAtMs?: number;
  revokedAtMs?: number;
}

/** The fields of a new key that its creator chooses. */
export interface NewKey {
  account: string;
  role: Caller['role'];
  label: string;
  expiresAtMs?: number;
}

export interface AccountsStore {
  /** The caller behind a key that is valid now; undefined for every other. */
  findCaller(keyHash: string): Promise<Caller | undefined>;
  /** Stores a key under its hash. A key that is already there keeps its item. */
  putKey(keyHash: string, key: NewKey): Promise<void>;
  /** Ends a key; false when there is none. It stops working once the callers' caches have forgotten it. */
  revokeKey(keyHash: string): Promise<boolean>;
}

export function accountsStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): AccountsStore {
  const keyOf = (keyHash: string) => ({ pk: `key#${keyHash}`, sk: 'key' as const });
  return {
    async findCaller(keyHash) {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: keyOf(keyHash) }));
      const item = Item as KeyItem | undefined;
      if (!item || item.revokedAtMs !== undefined || (item.expiresAtMs ?? Number.POSITIVE_INFINITY) <= clock()) {
        return undefined;
      }
      return { account: item.account, role: item.role, keyId: apiKeyId(keyHash) };
    },

    async putKey(keyHash, key) {
      const item: KeyItem = { ...keyOf(keyHash), ...key, createdAtMs: clock() };
      await unlessConditionFails(
        client.send(
          new PutCommand({ TableName: tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
    },

    async revokeKey(keyHash) {
      return unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: keyOf(keyHash),
            UpdateExpression: 'SET revokedAtMs = if_not_exists(revokedAtMs, :now)',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':now': clock() },
          }),
        ),
      );
    },
  };
}
