import type { AddressInfo } from 'node:net';
import { CreateTableCommand, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { dynamoClient } from '../lambda/store/dynamo.ts';
import { TABLES, type TableDefinition, type TableName } from '../lambda/store/tables.ts';
import { takeFolder } from './data-folder.ts';

export interface EmbeddedDynamo {
  endpoint: string;
  close(): Promise<void>;
}

/** DynamoDB in this process, on 127.0.0.1: in memory, or kept in a folder, which one process can hold at a time. */
export async function startDynamo(folder: string | undefined): Promise<EmbeddedDynamo> {
  const release = folder === undefined ? () => {} : await takeFolder(folder);
  const server = dynalite({ createTableMs: 0, ...(folder === undefined ? {} : { path: folder }) });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      release();
    },
  };
}

/** A client of an embedded DynamoDB. It waits longer than a deployed one: it shares its processor with the whole gateway. */
export function embeddedClient(endpoint: string, overrides: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const config: DynamoDBClientConfig = {
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
  return dynamoClient({ ...config, ...overrides });
}

/** A table's name in the embedded DynamoDB. */
export function localTableName(table: TableName): string {
  return `headgate-${table}`;
}

/** Makes the tables that are not there yet. */
export async function createTables(client: DynamoDBDocumentClient): Promise<void> {
  const entries = Object.entries(TABLES) as [TableName, TableDefinition][];
  await Promise.all(entries.map(([table, definition]) => createTable(client, localTableName(table), definition)));
}

async function createTable(client: DynamoDBDocumentClient, name: string, definition: TableDefinition): Promise<void> {
  const { partitionKey, sortKey } = definition;
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: partitionKey, KeyType: 'HASH' },
          { AttributeName: sortKey, KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: partitionKey, AttributeType: 'S' },
          { AttributeName: sortKey, AttributeType: 'S' },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ResourceInUseException')) throw error;
  }
}
