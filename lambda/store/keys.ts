import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { apiKeyId } from '../core/api-key.ts';
import { type AccountTerms, callerTerms, type KeyTerms, type Tier } from '../core/terms.ts';
import type { Account, ApiKey, Caller, Clock, Keys, NewApiKey } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/**
 * A key in the `accounts` table, at `pk = key#<key id>`, `sk = <SHA-256 of the key>`: found whole by its hash, and by its
 * id alone for admins. It carries a copy of its account's terms, so that one read authenticates and admits.
 */
interface KeyItem {
  pk: string;
  sk: string;
  account: string;
  role: Caller['role'];
  label: string;
  createdAtMs: number;
  expiresAtMs?: number;
  revokedAtMs?: number;
  terms: KeyTerms;
  accountTerms: AccountTerms;
  accountRevision: number;
}

interface Tiers {
  tiers: Readonly<Record<string, Tier>>;
  defaultTier: string;
}

export function keysStore(client: DynamoDBDocumentClient, tableName: string, tiers: Tiers, clock: Clock): Keys {
  const keyOf = (keyHash: string) => ({ pk: `key#${apiKeyId(keyHash)}`, sk: keyHash });

  async function itemOf(keyId: string): Promise<KeyItem | undefined> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `key#${keyId}` },
        ConsistentRead: true,
      }),
    );
    return Items[0] as KeyItem | undefined;
  }

  return {
    async findCaller(keyHash) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: keyOf(keyHash), ConsistentRead: true }),
      );
      const item = Item as KeyItem | undefined;
      if (!item || item.revokedAtMs !== undefined || item.accountTerms.isSuspended) return undefined;
      if ((item.expiresAtMs ?? Number.POSITIVE_INFINITY) <= clock()) return undefined;
      const terms = callerTerms(item.accountTerms, item.terms, tiers.tiers, tiers.defaultTier);
      return { account: item.account, role: item.role, keyId: apiKeyId(keyHash), terms };
    },

    async put(keyHash, key, account) {
      const item: KeyItem = {
        ...keyOf(keyHash),
        ...key,
        account: account.id,
        createdAtMs: clock(),
        accountTerms: account.terms,
        accountRevision: account.revision,
      };
      const listed = { pk: `account#${account.id}`, sk: `key#${apiKeyId(keyHash)}` };
      await client.send(new PutCommand({ TableName: tableName, Item: listed }));
      await unlessConditionFails(
        client.send(
          new PutCommand({ TableName: tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
    },

    async find(keyId) {
      const item = await itemOf(keyId);
      return item && publicKey(item);
    },

    async ofAccount(accountId) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :key)',
          ExpressionAttributeValues: { ':pk': `account#${accountId}`, ':key': 'key#' },
          ConsistentRead: true,
        }),
      );
      const items = await Promise.all(Items.map(({ sk }) => itemOf(String(sk).slice('key#'.length))));
      return items.filter((item) => item !== undefined).map(publicKey);
    },

    async change(keyId, changes) {
      const item = await itemOf(keyId);
      if (!item) return undefined;
      const next: KeyItem = { ...item, ...changes };
      const isChanged = await unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk: item.pk, sk: item.sk },
            UpdateExpression: `SET label = :label, terms = :terms${next.expiresAtMs === undefined ? '' : ', expiresAtMs = :expires'}${next.revokedAtMs === undefined ? '' : ', revokedAtMs = if_not_exists(revokedAtMs, :revoked)'}`,
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: {
              ':label': next.label,
              ':terms': next.terms,
              ...(next.expiresAtMs === undefined ? {} : { ':expires': next.expiresAtMs }),
              ...(next.revokedAtMs === undefined ? {} : { ':revoked': next.revokedAtMs }),
            },
          }),
        ),
      );
      return isChanged ? publicKey(next) : undefined;
    },

    async copyTerms(account: Account) {
      for (const { id } of await this.ofAccount(account.id)) {
        const item = await itemOf(id);
        if (!item) continue;
        await unlessConditionFails(
          client.send(
            new UpdateCommand({
              TableName: tableName,
              Key: { pk: item.pk, sk: item.sk },
              UpdateExpression: 'SET accountTerms = :terms, accountRevision = :revision',
              ConditionExpression: 'accountRevision < :revision',
              ExpressionAttributeValues: { ':terms': account.terms, ':revision': account.revision },
            }),
          ),
        );
      }
    },
  };
}

function publicKey({ pk, account, role, label, createdAtMs, expiresAtMs, revokedAtMs, terms }: KeyItem): ApiKey {
  const key: NewApiKey = { role, label, terms, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
  return {
    ...key,
    id: pk.slice('key#'.length),
    account,
    createdAtMs,
    ...(revokedAtMs === undefined ? {} : { revokedAtMs }),
  };
}
