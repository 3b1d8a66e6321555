import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../ports.ts';
import { erasuresStore } from '../store/erasures.ts';
import { personalItemsStore } from '../store/personal-items.ts';
import { runsStore } from '../store/runs.ts';
import type { TableName } from '../store/tables.ts';
import { eraseUsers } from '../store/usage-events.ts';
import type { ErasePorts } from './erase.ts';

/** What orders to erase reach, beside the response cache. */
export function composeErasePorts(
  database: DynamoDBDocumentClient,
  tableName: (table: TableName) => string,
  keptDays: number,
  clock: Clock,
): Omit<ErasePorts, 'responseCache'> {
  return {
    erasures: erasuresStore(database, tableName('usage')),
    eraseEvents: (which) => eraseUsers(database, tableName('usage'), which, keptDays, clock),
    personalItems: personalItemsStore(database, tableName),
    jobRuns: runsStore(database, tableName('usage'), clock),
    chatRuns: runsStore(database, tableName('traffic'), clock),
    clock,
  };
}
