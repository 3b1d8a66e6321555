import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isTaskClass, NO_OPINIONS, type Opinion, type Opinions } from '../core/routing/learned-quality.ts';
import type { Signal } from '../core/routing/signals.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { Clock } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/**
 * One item for the deployment, in the `traffic` table; two numbers for each model and class that anybody scored, and two for
 * those that answered.
 */
const KEY = { pk: 'routing', sk: 'quality' };

/** What speaks against nobody is told to the store so often. */
const TOLD_EVERY_MS = 300_000;

/** What speaks against somebody is rare, and told sooner. */
const AGAINST_TOLD_EVERY_MS = 1_000;

/** Numbers of one write: an expression of DynamoDB has at most 300 operators. The others are told with the next. */
const MOST_TOLD = 100;

/** A process believes what it read for so long. */
const BELIEVED_MS = 60_000;

/** A request is remembered as scored for so long; its usage event lives no longer. */
const REMEMBERED_SECONDS = 400 * 86_400;

/** Scores are summed as whole thousandths: floating point would drift. */
const THOUSANDTHS = 1_000;

/**
 * What callers said of answers, and what was seen, at `pk = routing`, `sk = quality`; who has been heard at
 * `pk = feedback#<account>`.
 */
export function learnedQualityStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): LearnedQuality {
  let known: Opinions = NO_OPINIONS;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let untold = new Map<string, number>();
  let toldAtMs = clock();

  async function read(): Promise<Opinions> {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: KEY }));
    if (!Item) return NO_OPINIONS;
    return { isFrozen: Item.isFrozen === true, opinions: opinionsIn(Item), signals: signalsIn(Item) };
  }

  /** Adds to numbers of the item, unless it is frozen: false then. */
  function add(amounts: readonly [name: string, amount: number][]): Promise<boolean> {
    return unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: KEY,
          UpdateExpression: `ADD ${amounts.map((_, index) => `#${index} :${index}`).join(', ')}`,
          ConditionExpression: 'attribute_not_exists(isFrozen) OR isFrozen = :no',
          ExpressionAttributeNames: Object.fromEntries(amounts.map(([name], index) => [`#${index}`, name])),
          ExpressionAttributeValues: {
            ':no': false,
            ...Object.fromEntries(amounts.map(([, amount], index) => [`:${index}`, amount])),
          },
        }),
      ),
    );
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
      const isAdded = await add([
        [`n#${name}`, 1],
        [`s#${name}`, Math.round(score * THOUSANDTHS)],
      ]);
      return isAdded ? 'counted' : 'frozen';
    },

    async note(signals) {
      for (const { modelId, taskClass, answers, lostThousandths } of signals) {
        const name = `${modelId}#${taskClass}`;
        untold.set(`a#${name}`, (untold.get(`a#${name}`) ?? 0) + answers);
        untold.set(`l#${name}`, (untold.get(`l#${name}`) ?? 0) + lostThousandths);
      }
      const isAgainst = signals.some(({ lostThousandths }) => lostThousandths > 0);
      const everyMs = isAgainst ? AGAINST_TOLD_EVERY_MS : TOLD_EVERY_MS;
      if (untold.size === 0 || clock() - toldAtMs < everyMs) return;
      const amounts = [...untold].filter(([, amount]) => amount > 0);
      untold = new Map(amounts.slice(MOST_TOLD));
      toldAtMs = clock();
      // Without the store they are lost: nothing depends on any one of them.
      if (amounts.length > 0) await add(amounts.slice(0, MOST_TOLD)).catch(() => false);
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

function signalsIn(item: Record<string, unknown>): Signal[] {
  return Object.entries(item).flatMap(([name, value]) => {
    const [kind, modelId = '', taskClass = ''] = name.split('#');
    if (kind !== 'a' || !isTaskClass(taskClass)) return [];
    const lostThousandths = Number(item[`l#${modelId}#${taskClass}`] ?? 0);
    return [{ modelId, taskClass, answers: Number(value), lostThousandths }];
  });
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
