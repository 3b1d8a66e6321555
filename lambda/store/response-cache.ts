import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import type { CacheOwner, CacheScope } from '../core/fingerprint.ts';
import { given } from '../core/given.ts';
import type { CachedAnswer, KeptAnswers, KeptEntry, ResponseCache } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';
import { decodeEntry, ENTRY_VERSION, encodeEntry } from './cache-entry.ts';
import { type NeighbourKey, neighbourItem, neighbourKeyIn } from './neighbour-item.ts';
import { queryAll } from './query-all.ts';

/** DynamoDB takes items of 400 KB, names included. */
const MAXIMUM_BYTES = 380_000;

/**
 * Answers in the `responses` table, compressed, one item each at `pk = cache#account#<name>` or
 * `cache#group#<name>`, `sk = <fingerprint>`, which has the whole scope in it. What cannot be read is removed and was never there.
 */
export function responseCacheStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): ResponseCache {
  const keyOf = (scope: CacheScope, fingerprint: string) => ({ pk: partitionOf(scope), sk: fingerprint });

  /** With its neighbour in the semantic index, which has the prompt. */
  async function remove(Key: NeighbourKey): Promise<void> {
    const { Attributes } = await client.send(new DeleteCommand({ TableName: tableName, Key, ReturnValues: 'ALL_OLD' }));
    await removeNeighbour(Attributes?.near);
  }

  async function removeNeighbour(near: unknown): Promise<void> {
    const Key = neighbourKeyIn(near);
    if (Key) await client.send(new DeleteCommand({ TableName: tableName, Key }));
  }

  return {
    async find(scope, fingerprint, { isFresh } = { isFresh: false }) {
      const Key = keyOf(scope, fingerprint);
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: isFresh }));
      if (!Item || Number(Item.expiresAt) * 1_000 <= clock()) return undefined;
      const answer = await answerIn(Item);
      if (!answer) await remove(Key);
      return answer;
    },

    async keep(scope, fingerprint, answer, { ttlSeconds, tags, user, near }) {
      const entry = await encodeEntry(answer);
      if (entry.length > MAXIMUM_BYTES) return false;
      const expiresAt = Math.ceil(answer.storedAtMs / 1_000) + ttlSeconds;
      const neighbour = near && neighbourItem(near, fingerprint, answer.storedAtMs, expiresAt);
      const Item = {
        ...keyOf(scope, fingerprint),
        version: ENTRY_VERSION,
        entry,
        tags: [...tags],
        user,
        expiresAt,
        ...(neighbour ? { near: { pk: neighbour.pk, sk: neighbour.sk } } : {}),
      };
      const put = new PutCommand({ TableName: tableName, Item, ...(neighbour ? { ReturnValues: 'ALL_OLD' } : {}) });
      const { Attributes } = await client.send(put);
      // The answer names its neighbour before that is there: so whatever is there goes with the answer.
      if (neighbour) {
        await client.send(new PutCommand({ TableName: tableName, Item: neighbour }));
        const before = neighbourKeyIn(Attributes?.near);
        if (before && (before.pk !== neighbour.pk || before.sk !== neighbour.sk)) await removeNeighbour(before);
      }
      return true;
    },

    async inspect(owner, fingerprint) {
      const Key = { pk: partitionOf(owner), sk: fingerprint };
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key }));
      if (!Item || Number(Item.expiresAt) * 1_000 <= clock()) return undefined;
      const near = neighbourKeyIn(Item.near);
      const neighbour = near && (await client.send(new GetCommand({ TableName: tableName, Key: near }))).Item;
      const prompt = typeof neighbour?.prompt === 'string' ? neighbour.prompt : undefined;
      return { ...entryIn(Item), ...given({ prompt, answer: await answerIn(Item) }) };
    },

    async page(owner, which, after) {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          ...entriesOf(partitionOf(owner), which, '#user, sk, tags, expiresAt, near'),
          Limit: PAGE,
          ...(after === undefined ? {} : { ExclusiveStartKey: { pk: partitionOf(owner), sk: after } }),
        }),
      );
      const entries = (page.Items ?? []).map(entryIn).filter(({ expiresAtMs }) => expiresAtMs > clock());
      return { entries, ...given({ next: page.LastEvaluatedKey?.sk as string | undefined }) };
    },

    async list(owner, which) {
      const fingerprints: string[] = [];
      const query = { ConsistentRead: true, ...entriesOf(partitionOf(owner), which) };
      for await (const { sk } of queryAll(client, tableName, query)) fingerprints.push(String(sk));
      return fingerprints;
    },

    async remove(owner, fingerprints) {
      for (const fingerprint of fingerprints) await remove({ pk: partitionOf(owner), sk: fingerprint });
    },
  };
}

/** Where an owner's answers lie. */
export function partitionOf(owner: CacheOwner): string {
  return 'group' in owner ? `cache#group#${owner.group}` : `cache#account#${owner.account}`;
}

/** Entries of a page, before those that a condition leaves out. */
const PAGE = 100;

/** What an account sees of an entry in a list. */
function entryIn({ sk, tags, user, near, expiresAt }: Record<string, unknown>): KeptEntry {
  return {
    fingerprint: String(sk),
    tags: Array.isArray(tags) ? tags.map(String) : [],
    isSemantic: near !== undefined,
    expiresAtMs: Number(expiresAt) * 1_000,
    ...(typeof user === 'string' ? { user } : {}),
  };
}

/** The query for an owner's entries, and for their keys alone where nothing else is named. */
function entriesOf(pk: string, { fingerprint, tag, user }: KeptAnswers, fields = 'pk, sk') {
  const filters = [
    ...(tag === undefined ? [] : ['contains(tags, :tag)']),
    ...(user === undefined ? [] : ['#user = :user']),
  ];
  return {
    KeyConditionExpression: fingerprint === undefined ? 'pk = :pk' : 'pk = :pk AND sk = :sk',
    ...(filters.length > 0 ? { FilterExpression: filters.join(' AND ') } : {}),
    ...(user === undefined && !fields.includes('#user') ? {} : { ExpressionAttributeNames: { '#user': 'user' } }),
    ProjectionExpression: fields,
    ExpressionAttributeValues: given({ ':pk': pk, ':sk': fingerprint, ':tag': tag, ':user': user }),
  };
}

/** The answer in an item; undefined for one of another version, or that is broken. */
async function answerIn({ version, entry }: Record<string, unknown>): Promise<CachedAnswer | undefined> {
  return version === ENTRY_VERSION ? decodeEntry(entry) : undefined;
}
