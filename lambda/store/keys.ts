import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { apiKeyId } from '../core/api-key.ts';
import { type AccountTerms, callerTerms, type KeyTerms, type Tier } from '../core/terms.ts';
import type { ApiKey, Caller, Clock, Keys, NewApiKey } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { queryAll } from './query-all.ts';

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
  /** Grows with each change of the key itself. */
  keyRevision?: number;
}

/** A lost race for a change is run again this often. */
const MAXIMUM_TRIES = 5;

/** Keys given new terms at the same time: a thousand are done within seconds, and none waits for the others. */
const COPIED_AT_ONCE = 25;

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

  /** The caller behind an item that is valid now. */
  function callerIn(item: KeyItem | undefined): Caller | undefined {
    if (!item || item.revokedAtMs !== undefined || item.accountTerms.isSuspended) return undefined;
    if ((item.expiresAtMs ?? Number.POSITIVE_INFINITY) <= clock()) return undefined;
    const terms = callerTerms(item.accountTerms, item.terms, tiers.tiers, tiers.defaultTier);
    return { account: item.account, role: item.role, keyId: item.pk.slice('key#'.length), terms };
  }

  /** The hashes of an account's keys. */
  async function listedKeys(accountId: string): Promise<string[]> {
    const hashes: string[] = [];
    const items = queryAll(client, tableName, {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :key)',
      ExpressionAttributeValues: { ':pk': `account#${accountId}`, ':key': 'key#' },
      ConsistentRead: true,
    });
    for await (const { keyHash } of items) hashes.push(String(keyHash));
    return hashes;
  }

  /** Writes what a key is to become; false when somebody else changed it first. */
  async function writeChange(item: KeyItem, next: ApiKey): Promise<boolean> {
    const { label, terms, expiresAtMs, revokedAtMs } = next;
    const { keyRevision = 0 } = item;
    return unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { pk: item.pk, sk: item.sk },
          UpdateExpression: changeExpression(expiresAtMs, revokedAtMs),
          ConditionExpression: keyRevision === 0 ? 'attribute_not_exists(keyRevision)' : 'keyRevision = :known',
          ExpressionAttributeValues: {
            ':label': label,
            ':terms': terms,
            ':revision': keyRevision + 1,
            ...(keyRevision === 0 ? {} : { ':known': keyRevision }),
            ...(expiresAtMs === undefined ? {} : { ':expires': expiresAtMs }),
            ...(revokedAtMs === undefined ? {} : { ':revoked': revokedAtMs }),
          },
        }),
      ),
    );
  }

  return {
    async findCaller(keyHash) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: keyOf(keyHash), ConsistentRead: true }),
      );
      return callerIn(Item as KeyItem | undefined);
    },

    async findCallerById(keyId) {
      return callerIn(await itemOf(keyId));
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
      const listed = { pk: `account#${account.id}`, sk: `key#${apiKeyId(keyHash)}`, keyHash };
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
      const hashes = await listedKeys(accountId);
      const items = await Promise.all(hashes.map((keyHash) => itemOf(apiKeyId(keyHash))));
      return items.filter((item) => item !== undefined).map(publicKey);
    },

    async change(keyId, change) {
      for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
        const item = await itemOf(keyId);
        if (!item) return undefined;
        const before = publicKey(item);
        const isChanged = await writeChange(item, { ...before, ...change(before) });
        const after = isChanged ? await itemOf(keyId) : undefined;
        if (after) return { before, after: publicKey(after) };
      }
      throw new Error('The key is being changed by others all the time.');
    },

    async copyTerms({ id, terms, revision }) {
      const listed = await listedKeys(id);
      for (let first = 0; first < listed.length; first += COPIED_AT_ONCE) {
        const copies = listed.slice(first, first + COPIED_AT_ONCE).map((keyHash) =>
          unlessConditionFails(
            client.send(
              new UpdateCommand({
                TableName: tableName,
                Key: keyOf(keyHash),
                UpdateExpression: 'SET accountTerms = :terms, accountRevision = :revision',
                ConditionExpression: 'accountRevision < :revision',
                ExpressionAttributeValues: { ':terms': terms, ':revision': revision },
              }),
            ),
          ),
        );
        await Promise.all(copies);
      }
    },
  };
}

function changeExpression(expiresAtMs: number | undefined, revokedAtMs: number | undefined): string {
  const parts = ['label = :label', 'terms = :terms', 'keyRevision = :revision'];
  if (expiresAtMs !== undefined) parts.push('expiresAtMs = :expires');
  if (revokedAtMs !== undefined) parts.push('revokedAtMs = if_not_exists(revokedAtMs, :revoked)');
  return `SET ${parts.join(', ')}`;
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
