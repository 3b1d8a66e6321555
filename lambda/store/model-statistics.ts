import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RecentCalls } from '../core/health.ts';
import { bucketOf } from '../core/histogram.ts';
import type { Clock, ModelStatistics } from '../ports.ts';

/** Statistics are kept by periods of this length; the current and the last are shown. */
const PERIOD_MS = 5 * 60_000;

/** A process tells what it has counted for a model this often. */
const TOLD_EVERY_MS = 10_000;

const KEPT_SECONDS = 3_600;

interface Counted {
  answered: number;
  failed: number;
  buckets: Map<number, number>;
  toldAtMs: number;
}

/**
 * Calls and latencies of models in the `traffic` table, one item a model and five minutes at `pk = models#<period>`,
 * `sk = <model id>`. Counts are told in batches; those of a process that ends meanwhile are lost, which a health page can
 * bear and a bill could not.
 */
export function modelStatisticsStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): ModelStatistics {
  const counted = new Map<string, Counted>();

  async function tell(modelId: string, counts: Counted, now: number): Promise<void> {
    const names = [...counts.buckets].map(([bucket]) => `l${bucket}`);
    const numbers: [string, number][] = [
      ['answered', counts.answered],
      ['failed', counts.failed],
      ...names.map((name): [string, number] => [name, counts.buckets.get(Number(name.slice(1))) ?? 0]),
    ];
    const adds = numbers.filter(([, value]) => value > 0);
    await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk: partition(now), sk: modelId },
        UpdateExpression: `SET expiresAt = :expiresAt ADD ${adds.map(([name]) => `${name} :${name}`).join(', ')}`,
        ExpressionAttributeValues: {
          ':expiresAt': Math.ceil(now / 1_000) + KEPT_SECONDS,
          ...Object.fromEntries(adds.map(([name, value]) => [`:${name}`, value])),
        },
      }),
    );
  }

  function countsOf(modelId: string): Counted {
    const counts = counted.get(modelId) ?? { answered: 0, failed: 0, buckets: new Map(), toldAtMs: 0 };
    counted.set(modelId, counts);
    return counts;
  }

  async function tellInTime(modelId: string, counts: Counted): Promise<void> {
    const now = clock();
    if (now - counts.toldAtMs < TOLD_EVERY_MS) return;
    counted.set(modelId, { answered: 0, failed: 0, buckets: new Map(), toldAtMs: now });
    await tell(modelId, counts, now);
  }

  async function period(atMs: number): Promise<[string, RecentCalls][]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partition(atMs) },
      }),
    );
    return Items.map((item) => [String(item.sk), recordIn(item)]);
  }

  return {
    async answered(modelId, latencyMs) {
      const counts = countsOf(modelId);
      counts.answered += 1;
      const bucket = bucketOf(latencyMs);
      counts.buckets.set(bucket, (counts.buckets.get(bucket) ?? 0) + 1);
      await tellInTime(modelId, counts);
    },

    async failed(modelId) {
      const counts = countsOf(modelId);
      counts.failed += 1;
      await tellInTime(modelId, counts);
    },

    async recent() {
      const now = clock();
      const periods = await Promise.all([period(now - PERIOD_MS), period(now)]);
      const records = new Map<string, RecentCalls>();
      for (const [modelId, record] of periods.flat()) records.set(modelId, added(records.get(modelId), record));
      return records;
    },
  };
}

function partition(atMs: number): string {
  return `models#${Math.floor(atMs / PERIOD_MS)}`;
}

function recordIn(item: Record<string, unknown>): RecentCalls {
  const buckets = Object.entries(item).filter(([name]) => /^l\d+$/.test(name));
  return {
    answered: Number(item.answered ?? 0),
    failed: Number(item.failed ?? 0),
    latencyMs: Object.fromEntries(buckets.map(([name, value]) => [Number(name.slice(1)), Number(value)])),
  };
}

function added(sum: RecentCalls | undefined, record: RecentCalls): RecentCalls {
  if (!sum) return record;
  const latencyMs: Record<number, number> = { ...sum.latencyMs };
  for (const [bucket, value] of Object.entries(record.latencyMs)) {
    latencyMs[Number(bucket)] = (latencyMs[Number(bucket)] ?? 0) + value;
  }
  return { answered: sum.answered + record.answered, failed: sum.failed + record.failed, latencyMs };
}
