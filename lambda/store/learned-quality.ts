import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isTaskClass, NO_OPINIONS, type Opinion, type Opinions } from '../core/routing/learned-quality.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { Clock } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/** One item for the deployment, in the `traffic` table; two numbers for each model and class that anybody scored. */
const KEY = { pk: 'routing', sk: 'quality' };

/** A process believes what it read for so long. */
const BELIEVED_MS = 60_000;

/** A request is remembered as scored for so long; its usage event lives no longer. */
const REMEMBERED_SECONDS = 400 * 86_400;

/** Scores are summed as whole thousandths: floating point would drift. */
const THOUSANDTHS = 1_000;

/** What callers said of answers, at `pk = routing`, `sk = quality`; who has been heard at `pk = feedback#<account>`. */
export function learnedQualityStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): LearnedQuality {
  let known: Opinions = NO_OPINIONS;
  let readAtMs = Number.NEGATIVE_INFINITY;

  async function read(): Promise<Opinions> {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: KEY }));
    return Item ? { isFrozen: Item.isFrozen === true, opinions: opinionsIn(Item) } : NO_OPINIONS;
  }

  return {
    read,

    async believed() {
      if (clock() - readAtMs >= BELIEVED_MS) {
        readAtMs = clock();
        // Without the store, what was known last is believed.
        known = await read().catch(() => known);
      }
      return known;
    },

    async add({ account, requestId, modelId, taskClass, score }) {
      const heard = {
        pk: `feedback#${account}`,
        sk: requestId,
        expiresAt: Math.ceil(clock() / 1_000) + REMEMBERED_SECONDS,
      };
      const isNew = await unlessConditionFails(
        client.send(
          new PutCommand({ TableName: tableName, Item: heard, ConditionExpression: 'attribute_not_exists(pk)' }),
        ),
      );
      if (!isNew) return 'repeated';
      const name = `${modelId}#${taskClass}`;
      const isAdded = await unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: KEY,
            UpdateExpression: 'ADD #count :one, #sum :score',
            ConditionExpression: 'attribute_not_exists(isFrozen) OR isFrozen = :no',
            ExpressionAttributeNames: { '#count': `n#${name}`, '#sum': `s#${name}` },
            ExpressionAttributeValues: { ':one': 1, ':score': Math.round(score * THOUSANDTHS), ':no': false },
          }),
        ),
      );
      return isAdded ? 'counted' : 'frozen';
    },

    async setFrozen(isFrozen) {
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: KEY,
          UpdateExpression: 'SET isFrozen = :isFrozen',
          ExpressionAttributeValues: { ':isFrozen': isFrozen },
        }),
      );
    },

    async reset() {
      await client.send(new PutCommand({ TableName: tableName, Item: KEY }));
    },
  };
}

function opinionsIn(item: Record<string, unknown>): Opinion[] {
  return Object.entries(item).flatMap(([name, value]) => {
    const [kind, modelId = '', taskClass = ''] = name.split('#');
    const count = Number(value);
    if (kind !== 'n' || !isTaskClass(taskClass) || !(count > 0)) return [];
    const sum = Number(item[`s#${modelId}#${taskClass}`] ?? 0);
    return [{ modelId, taskClass, count, meanScore: sum / count / THOUSANDTHS }];
  });
}
