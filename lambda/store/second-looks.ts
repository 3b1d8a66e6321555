import { createHash } from 'node:crypto';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { binOf, type Labels, NO_LABELS } from '../core/semantic/error-controller.ts';
import type { Clock } from '../ports.ts';
import type { Neighbourhood, SecondLooks } from '../second-looks.ts';
import { unlessConditionFails } from './conditional-write.ts';

/** A process believes the labels it read for so long. */
const BELIEVED_MS = 60_000;

/** Groups a process remembers. */
const MAXIMUM_GROUPS = 1_000;

/** No kept answer lives longer than a week, so neither does what is known of it. */
const PAIR_SECONDS = 7 * 86_400;

/** Labels nobody added to for so long are of other times. */
const LABELS_SECONDS = 90 * 86_400;

interface Known {
  labels: Promise<Labels>;
  readAtMs: number;
}

/**
 * Second looks in the `responses` table: pairs at `pk = looked#<embedder>#<neighbourhood>`, `sk = <SHA-256 of the question>#<fingerprint>`;
 * labels at `pk = labels#<group>`, `sk = labels`, `r<bin>` right ones and `w<bin>` wrong ones. The client must not repeat a call: a label that may
 * have been counted is not counted again.
 */
export function secondLooksStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): SecondLooks {
  const known = new Map<string, Known>();
  const expiresIn = (seconds: number) => Math.ceil(clock() / 1_000) + seconds;

  async function read(group: string): Promise<Labels> {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: keyOfLabels(group) }));
    if (!Item || Number(Item.expiresAt) * 1_000 <= clock()) return NO_LABELS;
    const count = (kind: 'r' | 'w') => NO_LABELS.right.map((_, bin) => Number(Item[`${kind}${bin}`] ?? 0));
    return { right: count('r'), wrong: count('w') };
  }

  return {
    async judgedWith(where, prompt) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :question)',
          ExpressionAttributeValues: { ':pk': partitionOf(where), ':question': `${digest(prompt)}#` },
        }),
      );
      const living = Items.filter(({ expiresAt }) => Number(expiresAt) * 1_000 > clock());
      return new Map(
        living.map(({ sk, fits, answerStoredAtMs }) => [
          String(sk).split('#')[1] ?? '',
          { fits: fits === true, answerStoredAtMs: Number(answerStoredAtMs) },
        ]),
      );
    },

    labels(group) {
      const before = known.get(group);
      if (before && clock() - before.readAtMs < BELIEVED_MS) return before.labels;
      if (!before && known.size >= MAXIMUM_GROUPS) known.clear();
      const labels = read(group);
      known.set(group, { labels, readAtMs: clock() });
      // What could not be read is asked for again.
      labels.catch(() => known.delete(group));
      return labels;
    },

    async add(where, { prompt, fingerprint, fits, answerStoredAtMs, group, score }) {
      const pair = {
        pk: partitionOf(where),
        sk: `${digest(prompt)}#${fingerprint}`,
        fits,
        answerStoredAtMs,
        expiresAt: expiresIn(PAIR_SECONDS),
      };
      // Many may ask the same at once: they are one pair, and one label.
      const isNew = await unlessConditionFails(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: pair,
            ConditionExpression: 'attribute_not_exists(pk) OR answerStoredAtMs <> :storedAtMs',
            ExpressionAttributeValues: { ':storedAtMs': answerStoredAtMs },
          }),
        ),
      );
      if (!isNew || score === undefined) return;
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: keyOfLabels(group),
          UpdateExpression: 'ADD #label :one SET expiresAt = :expiresAt',
          ExpressionAttributeNames: { '#label': `${fits ? 'r' : 'w'}${binOf(score)}` },
          ExpressionAttributeValues: { ':one': 1, ':expiresAt': expiresIn(LABELS_SECONDS) },
        }),
      );
    },
  };
}

function keyOfLabels(group: string) {
  return { pk: `labels#${group}`, sk: 'labels' };
}

function partitionOf({ embedder, neighbourhood }: Neighbourhood): string {
  return `looked#${embedder}#${neighbourhood}`;
}

function digest(prompt: string): string {
  return createHash('sha256').update(prompt.trim()).digest('hex');
}
