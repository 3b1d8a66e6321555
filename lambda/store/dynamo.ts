import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * A client for the hot path: two tries, since the SDK's default back-off turns a throttled store into seconds of
 * waiting, and short timeouts, since a request that cannot reach its store must say so within a second. `overrides`
 * are for places other than a function: an address, credentials, more patience.
 */
export function dynamoClient(overrides: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 250, requestTimeout: 400, throwOnRequestTimeout: true },
    ...overrides,
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
