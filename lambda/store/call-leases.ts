import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type CallLeases, LEASE_MS, type LeaseStanding } from '../coalescing/call-leases.ts';
import type { Clock } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/** What is over is of no use; DynamoDB deletes it when it comes to it. */
const KEPT_SECONDS = 60;

/**
 * Leases on calls in the `traffic` table, one item each at `pk = call#<callKey>`, `sk = lease`. It stands until
 * `standsUntilMs`: while the call is under way its holder moves that on; with an outcome, until the outcome is of no use.
 */
export function callLeasesStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): CallLeases {
  const keyOf = (callKey: string) => ({ pk: `call#${callKey}`, sk: 'lease' });
  const standing = (milliseconds: number) => ({
    ':until': clock() + milliseconds,
    ':expires': Math.ceil((clock() + milliseconds) / 1_000) + KEPT_SECONDS,
  });

  async function read(callKey: string, owner: string | undefined): Promise<LeaseStanding> {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: keyOf(callKey), ConsistentRead: owner !== undefined }),
    );
    if (!Item || Number(Item.standsUntilMs) <= clock()) return { state: 'free' };
    const leader = String(Item.requestId);
    if (Item.outcome instanceof Uint8Array)
      return { state: 'done', leader, owner: String(Item.owner), sealed: Item.outcome };
    // The answer to our own write was lost, and the client asked again.
    return Item.owner === owner ? { state: 'leading' } : { state: 'under way', leader };
  }

  /** An update that only the holder may make. */
  async function asHolder(callKey: string, owner: string, update: string, values: object): Promise<void> {
    await unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: keyOf(callKey),
          UpdateExpression: update,
          ConditionExpression: '#owner = :owner',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ...values, ':owner': owner },
        }),
      ),
    );
  }

  return {
    async take(callKey, { owner, requestId }, after = owner) {
      const isTaken = await unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: keyOf(callKey),
            UpdateExpression:
              'SET #owner = :owner, requestId = :request, standsUntilMs = :until, expiresAt = :expires REMOVE outcome, isFailure',
            ConditionExpression:
              'attribute_not_exists(pk) OR standsUntilMs <= :now OR isFailure = :true OR ' +
              '(attribute_exists(outcome) AND #owner = :after)',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: {
              ...standing(LEASE_MS),
              ':owner': owner,
              ':request': requestId,
              ':now': clock(),
              ':true': true,
              ':after': after,
            },
          }),
        ),
      );
      return isTaken ? { state: 'leading' } : read(callKey, owner);
    },

    look: (callKey) => read(callKey, undefined),

    renew: (callKey, owner) =>
      asHolder(callKey, owner, 'SET standsUntilMs = :until, expiresAt = :expires', standing(LEASE_MS)),

    finish(callKey, owner, { sealed, isFailure }, windowMs) {
      const update = 'SET outcome = :outcome, isFailure = :failure, standsUntilMs = :until, expiresAt = :expires';
      return asHolder(callKey, owner, update, { ...standing(windowMs), ':outcome': sealed, ':failure': isFailure });
    },

    // Nobody tells here: who waits looks from time to time.
    listen: () => () => {},

    async giveBack(callKey, owner) {
      await unlessConditionFails(
        client.send(
          new DeleteCommand({
            TableName: tableName,
            Key: keyOf(callKey),
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': owner },
          }),
        ),
      );
    },
  };
}
