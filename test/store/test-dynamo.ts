import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createTables, type EmbeddedDynamo, embeddedClient, startDynamo } from '../../local/dynamo.ts';

/**
 * The DynamoDB of the store tests, with our tables: the embedded one, or, with HEADGATE_TEST_DYNAMO=dynoxide, a second,
 * independent implementation, so that neither's mistakes become ours.
 */
export async function startTestDynamo(): Promise<EmbeddedDynamo> {
  const dynamo = process.env.HEADGATE_TEST_DYNAMO === 'dynoxide' ? await startDynoxide() : await startDynamo(undefined);
  const client = embeddedClient(dynamo.endpoint);
  await createTables(client);
  client.destroy();
  return dynamo;
}

/** A database for the tests of a file, and a client of it: there once they run, and gone when they are over. */
export function useTestDynamo(overrides: DynamoDBClientConfig = {}) {
  const used = {} as { dynamo: EmbeddedDynamo; client: DynamoDBDocumentClient };
  beforeAll(async () => {
    used.dynamo = await startTestDynamo();
    used.client = embeddedClient(used.dynamo.endpoint, overrides);
  });
  afterAll(async () => {
    used.client.destroy();
    await used.dynamo.close();
  });
  return used;
}

async function startDynoxide(): Promise<EmbeddedDynamo> {
  const binary = createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  const port = await freePort();
  const child = spawn(binary, ['serve', '--port', String(port)]);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('dynoxide ended')));
    child.stdout.on('data', (text: Buffer) => {
      if (String(text).includes('listening')) resolve();
    });
    child.stderr.on('data', (text: Buffer) => {
      if (String(text).includes('listening')) resolve();
    });
  });
  child.removeAllListeners('exit');
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    },
  };
}

/** A port on which nothing listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
