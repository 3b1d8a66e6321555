import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { nearestOf } from '../core/semantic/nearest.ts';
import type { Clock } from '../ports.ts';
import type { SemanticIndex } from '../semantic-index.ts';
import { neighbourIn, neighbourPartition, type StoredNeighbour } from './neighbour-item.ts';

/** A vector of 512 numbers takes 2 KB in memory: all of them 40 MB. */
const MAXIMUM_IN_MEMORY = 20_000;

/** What this process holds of a neighbourhood. */
interface Held {
  entries: StoredNeighbour[];
  /** The sort key of the newest entry; everything after it is read the next time. */
  newest: string | undefined;
  /** The read under way: those who come meanwhile wait for it. */
  reading: Promise<void> | undefined;
}

/**
 * An exact index: the newest entries of a neighbourhood, held in memory, each compared. What was added since is read at every
 * look; what was removed is forgotten when its answer is not found. `maximumEntries` bounds a neighbourhood.
 */
export function scanIndexStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  clock: Clock,
  maximumEntries: number,
): SemanticIndex {
  const neighbourhoods = new Map<string, Held>();

  /** The newest first, no more than `maximumEntries`, and only those behind `after` where that is given. */
  async function read(pk: string, after = ''): Promise<StoredNeighbour[]> {
    const items: Record<string, unknown>[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND sk > :after',
          // No sort key is empty, and none begins with a space.
          ExpressionAttributeValues: { ':pk': pk, ':after': after || ' ' },
          ScanIndexForward: false,
          Limit: maximumEntries - items.length,
          ...(from ? { ExclusiveStartKey: from } : {}),
        }),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from && items.length < maximumEntries);
    return items.map(neighbourIn).filter((entry) => entry !== undefined);
  }

  async function refresh(pk: string, held: Held): Promise<void> {
    const added = await read(pk, held.newest);
    const now = clock();
    held.entries = [...added, ...held.entries].filter(({ expiresAtMs }) => expiresAtMs > now).slice(0, maximumEntries);
    held.newest = added[0]?.sk ?? held.newest;
    makeRoom(pk);
  }

  function makeRoom(keep: string): void {
    let total = [...neighbourhoods.values()].reduce((sum, { entries }) => sum + entries.length, 0);
    for (const [pk, { entries }] of neighbourhoods) {
      if (total <= MAXIMUM_IN_MEMORY) return;
      if (pk === keep) continue;
      neighbourhoods.delete(pk);
      total -= entries.length;
    }
  }

  /** What is held, used last; neighbourhoods are dropped in the order of their use. */
  function heldOf(pk: string): Held {
    const held = neighbourhoods.get(pk) ?? { entries: [], newest: undefined, reading: undefined };
    neighbourhoods.delete(pk);
    neighbourhoods.set(pk, held);
    return held;
  }

  return {
    async nearest(embedder, neighbourhood, vector, count) {
      const pk = neighbourPartition(embedder, neighbourhood);
      const held = heldOf(pk);
      held.reading ??= refresh(pk, held).finally(() => {
        held.reading = undefined;
      });
      await held.reading;
      const now = clock();
      const living = held.entries.filter(
        ({ expiresAtMs, vector: other }) => expiresAtMs > now && other.length === vector.length,
      );
      return nearestOf(vector, living, count).map(({ entry: { fingerprint, prompt }, likeness }) => ({
        fingerprint,
        prompt,
        likeness,
      }));
    },

    forget(embedder, neighbourhood, fingerprint) {
      const held = neighbourhoods.get(neighbourPartition(embedder, neighbourhood));
      if (held) held.entries = held.entries.filter((entry) => entry.fingerprint !== fingerprint);
    },
  };
}
