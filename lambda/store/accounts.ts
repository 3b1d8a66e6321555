import { randomUUID } from 'node:crypto';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { requestId } from '../core/request-id.ts';
import type { AccountTerms } from '../core/terms.ts';
import type { Account, Accounts, AuditRecord, Clock } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/** An account in the `accounts` table, at `pk = account#<id>`, `sk = account`. Its keys are listed beside it. */
interface AccountItem {
  pk: string;
  sk: 'account';
  terms: AccountTerms;
  revision: number;
  createdAtMs: number;
  /** The change that made the item what it is: a repeated write finds that it was its own. */
  changeId: string;
}

/** Accounts and records shown at once. */
const PAGE = 100;

/** A lost race for a change is run again this often. */
const MAXIMUM_TRIES = 5;

export function accountsStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): Accounts {
  const keyOf = (id: string) => ({ pk: `account#${id}`, sk: 'account' as const });

  const secretKey = (id: string) => ({ pk: `account#${id}`, sk: 'webhook-secret' });

  async function itemOf(id: string): Promise<AccountItem | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: keyOf(id), ConsistentRead: true }));
    return Item as AccountItem | undefined;
  }

  async function find(id: string): Promise<Account | undefined> {
    const item = await itemOf(id);
    return item && { id, terms: item.terms, revision: item.revision, createdAtMs: item.createdAtMs };
  }

  /** True when the answer to this very change was lost: the SDK sent it twice, and the second found the first. */
  async function isChangedBy(id: string, changeId: string): Promise<boolean> {
    return (await itemOf(id))?.changeId === changeId;
  }

  return {
    find,

    async create(id, terms) {
      const account: Account = { id, terms, revision: 1, createdAtMs: clock() };
      const changeId = randomUUID();
      const item: AccountItem = { ...keyOf(id), terms, revision: 1, createdAtMs: account.createdAtMs, changeId };
      await client.send(new PutCommand({ TableName: tableName, Item: { pk: 'accounts', sk: id } }));
      const isNew = await unlessConditionFails(
        client.send(
          new PutCommand({ TableName: tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
      return isNew || (await isChangedBy(id, changeId)) ? account : undefined;
    },

    async change(id, change) {
      for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
        const before = await find(id);
        if (!before) return undefined;
        const changeId = randomUUID();
        const after: Account = { ...before, terms: change(before.terms), revision: before.revision + 1 };
        const isChanged = await unlessConditionFails(
          client.send(
            new UpdateCommand({
              TableName: tableName,
              Key: keyOf(id),
              UpdateExpression: 'SET terms = :terms, revision = :revision, changeId = :change',
              ConditionExpression: 'revision = :known',
              ExpressionAttributeValues: {
                ':terms': after.terms,
                ':revision': after.revision,
                ':known': before.revision,
                ':change': changeId,
              },
            }),
          ),
        );
        if (isChanged || (await isChangedBy(id, changeId))) return { before, after };
      }
      throw new Error('The account is being changed by others all the time.');
    },

    async list(after) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
          ExpressionAttributeValues: { ':pk': 'accounts', ...(after === undefined ? {} : { ':after': after }) },
          Limit: PAGE,
        }),
      );
      const ids = Items.map(({ sk }) => String(sk));
      return { ids, ...(LastEvaluatedKey ? { next: ids.at(-1) as string } : {}) };
    },

    async webhookSecret(id) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: secretKey(id), ConsistentRead: true }),
      );
      return Item && String(Item.secret);
    },

    async putWebhookSecret(id, secret) {
      await client.send(new PutCommand({ TableName: tableName, Item: { ...secretKey(id), secret } }));
    },

    async audit(change) {
      const atMs = clock();
      const record: AuditRecord = { id: requestId(atMs, randomUUID()), atMs, ...change };
      await client.send(
        new PutCommand({ TableName: tableName, Item: { pk: `audit#${record.account}`, sk: record.id, ...record } }),
      );
    },

    async auditOf(account) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': `audit#${account}` },
          ScanIndexForward: false,
          Limit: PAGE,
        }),
      );
      return Items.map(({ pk: _pk, sk: _sk, ...record }) => record as AuditRecord);
    },
  };
}
