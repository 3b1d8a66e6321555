/** One DynamoDB table as data; `lib/` deploys it, `local/` and the tests create it in the embedded DynamoDB. */
export interface TableDefinition {
  partitionKey: string;
  sortKey: string;
  /** Number attribute, epoch seconds, after which DynamoDB deletes an item, days late. Readers compare it themselves. */
  timeToLive: string;
  /** Kept when the stack goes, with point-in-time recovery and deletion protection. */
  isDurable: boolean;
}

const KEYS = { partitionKey: 'pk', sortKey: 'sk', timeToLive: 'expiresAt' } as const;

/** The four tables, by lifetime. docs/data-model.md shows what lies in each. */
export const TABLES = {
  accounts: { ...KEYS, isDurable: true },
  usage: { ...KEYS, isDurable: true },
  traffic: { ...KEYS, isDurable: false },
  responses: { ...KEYS, isDurable: false },
} as const satisfies Record<string, TableDefinition>;

/** The vector index that the table of kept answers may have: its attributes lie on the neighbours of answers. */
export const VECTOR_INDEX = {
  name: 'neighbours',
  /** Searched within: where the neighbour lies. */
  partition: 'near',
  vector: 'embedding',
  projected: ['fingerprint', 'prompt', 'expiresAt'],
} as const;

export type TableName = keyof typeof TABLES;

/** The environment variable that tells a function where a table is. */
export function tableVariable(table: TableName): string {
  return `${table.toUpperCase()}_TABLE`;
}
