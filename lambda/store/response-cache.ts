import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { type CacheScope, scopeText } from '../core/fingerprint.ts';
import { isJsonObject } from '../core/json-body.ts';
import type { CachedAnswer, ResponseCache } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';

/** DynamoDB takes items of 400 KB, names included. */
const MAXIMUM_BYTES = 380_000;

/** Grows when entries are written differently: those of another version are no entries. */
const VERSION = 1;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * Answers in the `responses` table, compressed, one item each at `pk = cache#<scope>`, `sk = <fingerprint>`. What cannot be
 * read is removed and was never there.
 */
export function responseCacheStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): ResponseCache {
  const keyOf = (scope: CacheScope, fingerprint: string) => ({ pk: `cache#${scopeText(scope)}`, sk: fingerprint });

  async function remove(Key: { pk: string; sk: string }): Promise<void> {
    await client.send(new DeleteCommand({ TableName: tableName, Key }));
  }

  return {
    async find(scope, fingerprint) {
      const Key = keyOf(scope, fingerprint);
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key }));
      if (!Item || Number(Item.expiresAt) * 1_000 <= clock()) return undefined;
      const answer = await answerIn(Item);
      if (!answer) await remove(Key);
      return answer;
    },

    async keep(scope, fingerprint, answer, { ttlSeconds, tags }) {
      const entry = await compress(JSON.stringify(answer));
      if (entry.length > MAXIMUM_BYTES) return;
      const expiresAt = Math.ceil(answer.storedAtMs / 1_000) + ttlSeconds;
      const Item = { ...keyOf(scope, fingerprint), version: VERSION, entry, tags: [...tags], expiresAt };
      await client.send(new PutCommand({ TableName: tableName, Item }));
    },

    async remove(scope, which) {
      const { pk } = keyOf(scope, '');
      let removed = 0;
      let from: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: tableName,
            ...entriesOf(pk, which),
            ...(from ? { ExclusiveStartKey: from } : {}),
          }),
        );
        for (const { sk } of page.Items ?? []) await remove({ pk, sk: String(sk) });
        removed += page.Items?.length ?? 0;
        from = page.LastEvaluatedKey;
      } while (from);
      return removed;
    },
  };
}

/** The query for the keys of a scope's entries: one, those with a tag, or all. */
function entriesOf(pk: string, { fingerprint, tag }: { fingerprint?: string; tag?: string }) {
  const isOne = fingerprint !== undefined;
  const isTagged = tag !== undefined;
  return {
    KeyConditionExpression: isOne ? 'pk = :pk AND sk = :sk' : 'pk = :pk',
    ...(isTagged ? { FilterExpression: 'contains(tags, :tag)' } : {}),
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: {
      ':pk': pk,
      ...(isOne ? { ':sk': fingerprint } : {}),
      ...(isTagged ? { ':tag': tag } : {}),
    },
  };
}

/** The answer in an item; undefined for one of another version, or that is broken. */
async function answerIn({ version, entry }: Record<string, unknown>): Promise<CachedAnswer | undefined> {
  if (version !== VERSION || !(entry instanceof Uint8Array)) return undefined;
  try {
    const answer: unknown = JSON.parse((await decompress(entry)).toString('utf8'));
    return isAnswer(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isAnswer(value: unknown): value is CachedAnswer {
  if (!isJsonObject(value) || typeof value.text !== 'string' || !isJsonObject(value.usage)) return false;
  return isJsonObject(value.facts) && Number.isFinite(value.storedAtMs) && Number.isFinite(value.costMicroDollars);
}
