import { type DynamoDBDocumentClient, SearchVectorsCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../ports.ts';
import type { SemanticIndex } from '../semantic-index.ts';
import { neighbourPartition } from './neighbour-item.ts';
import { VECTOR_INDEX } from './tables.ts';

/** What DynamoDB says while the index is being built, and what one says that has no vector search. */
const NOT_THERE = new Set(['ValidationException', 'UnknownOperationException', 'ResourceNotFoundException']);

/** For so long the index is not asked again. Building one takes minutes. */
const REST_MS = 60_000;

/**
 * DynamoDB's own vector index on the table of kept answers: any number of entries, found approximately and without memory of
 * this process. While it is not there, the scan takes its place.
 */
export function vectorIndexStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  clock: Clock,
  scan: SemanticIndex,
): SemanticIndex {
  let restsUntilMs = 0;
  return {
    async nearest(embedder, neighbourhood, vector, count) {
      if (clock() < restsUntilMs) return scan.nearest(embedder, neighbourhood, vector, count);
      const search = new SearchVectorsCommand({
        TableName: tableName,
        IndexName: VECTOR_INDEX.name,
        SearchVector: [...vector],
        TopK: count,
        SearchConditionExpression: `${VECTOR_INDEX.partition} = :partition`,
        ExpressionAttributeValues: { ':partition': neighbourPartition(embedder, neighbourhood) },
      });
      try {
        const { SearchResults = [] } = await client.send(search);
        return SearchResults.flatMap(({ Item, Score }) => neighbourOf(Item, Score, clock()));
      } catch (error) {
        if (!(error instanceof Error) || !NOT_THERE.has(error.name)) throw error;
        restsUntilMs = clock() + REST_MS;
        return scan.nearest(embedder, neighbourhood, vector, count);
      }
    },

    // The index follows the table by itself.
    forget: (embedder, neighbourhood, fingerprint) => scan.forget(embedder, neighbourhood, fingerprint),
  };
}

/** DynamoDB deletes what has expired days late. Its cosine distance is 0 for the same direction and 2 for the opposite one. */
function neighbourOf(item: Record<string, unknown> | undefined, distance: number | undefined, nowMs: number) {
  const { fingerprint, prompt, expiresAt } = item ?? {};
  if (typeof fingerprint !== 'string' || typeof prompt !== 'string' || distance === undefined) return [];
  return Number(expiresAt) * 1_000 > nowMs ? [{ fingerprint, prompt, likeness: 1 - distance }] : [];
}
