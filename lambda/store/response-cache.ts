import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import type { CacheOwner, CacheScope } from '../core/fingerprint.ts';
import { given } from '../core/given.ts';
import type { CachedAnswer, KeptAnswers, ResponseCache } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';
import { decodeEntry, ENTRY_VERSION, encodeEntry } from './cache-entry.ts';

/** DynamoDB takes items of 400 KB, names included. */
const MAXIMUM_BYTES = 380_000;

/**
 * Answers in the `responses` table, compressed, one item each at `pk = cache#account#<name>` or
 * `cache#group#<name>`, `sk = <fingerprint>`, which has the whole scope in it. What cannot be read is removed and was never there.
 */
export function responseCacheStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): ResponseCache {
  const keyOf = (scope: CacheScope, fingerprint: string) => ({ pk: partitionOf(scope), sk: fingerprint });

  async function remove(Key: { pk: string; sk: string }): Promise<void> {
    await client.send(new DeleteCommand({ TableName: tableName, Key }));
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

    async keep(scope, fingerprint, answer, { ttlSeconds, tags, user }) {
      const entry = await encodeEntry(answer);
      if (entry.length > MAXIMUM_BYTES) return false;
      const expiresAt = Math.ceil(answer.storedAtMs / 1_000) + ttlSeconds;
      const Item = { ...keyOf(scope, fingerprint), version: ENTRY_VERSION, entry, tags: [...tags], user, expiresAt };
      await client.send(new PutCommand({ TableName: tableName, Item }));
      return true;
    },

    async list(owner, which) {
      const fingerprints: string[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: tableName,
            ConsistentRead: true,
            ...entriesOf(partitionOf(owner), which),
            ...(from ? { ExclusiveStartKey: from } : {}),
          }),
        );
        fingerprints.push(...(page.Items ?? []).map(({ sk }) => String(sk)));
        from = page.LastEvaluatedKey;
      } while (from);
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

/** The query for the keys of an owner's entries. */
function entriesOf(pk: string, { fingerprint, tag, user }: KeptAnswers) {
  const filters = [
    ...(tag === undefined ? [] : ['contains(tags, :tag)']),
    ...(user === undefined ? [] : ['#user = :user']),
  ];
  return {
    KeyConditionExpression: fingerprint === undefined ? 'pk = :pk' : 'pk = :pk AND sk = :sk',
    ...(filters.length > 0 ? { FilterExpression: filters.join(' AND ') } : {}),
    ...(user === undefined ? {} : { ExpressionAttributeNames: { '#user': 'user' } }),
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: given({ ':pk': pk, ':sk': fingerprint, ':tag': tag, ':user': user }),
  };
}

/** The answer in an item; undefined for one of another version, or that is broken. */
async function answerIn({ version, entry }: Record<string, unknown>): Promise<CachedAnswer | undefined> {
  return version === ENTRY_VERSION ? decodeEntry(entry) : undefined;
}
