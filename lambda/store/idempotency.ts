import { randomUUID } from 'node:crypto';
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Idempotency, KeptResponse } from '../kept-answers.ts';
import type { Clock } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { getText, putText } from './large-text.ts';
import { whoseAttributes } from './personal-items.ts';

const KEPT_SECONDS = 86_400;

interface ClaimItem {
  bodyHash: string;
  owner: string;
  leaseUntilMs: number;
  /** Where the response lies, once there is one. */
  response?: string;
  expiresAt: number;
}

/**
 * Idempotency keys in the `responses` table: who has a key at `pk = idempotency#<account>`, `sk = <SHA-256 of the key>`, the
 * response beside it under a name of its own. A process that died with a key loses it with its lease.
 */
export function idempotencyStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): Idempotency {
  const keyOf = (account: string, keyHash: string) => ({ pk: `idempotency#${account}`, sk: keyHash });
  const nowSeconds = () => Math.floor(clock() / 1_000);

  async function read(account: string, keyHash: string): Promise<ClaimItem | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: keyOf(account, keyHash), ConsistentRead: true }),
    );
    return Item && Number(Item.expiresAt) > nowSeconds() ? (Item as ClaimItem) : undefined;
  }

  function take(account: string, keyHash: string, bodyHash: string, owner: string, leaseMs: number): Promise<boolean> {
    return unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: keyOf(account, keyHash),
          UpdateExpression:
            'SET bodyHash = :body, #owner = :owner, leaseUntilMs = :until, expiresAt = :expires REMOVE #response',
          ConditionExpression:
            'attribute_not_exists(pk) OR expiresAt <= :seconds OR ' +
            '(attribute_not_exists(#response) AND leaseUntilMs <= :now AND bodyHash = :body)',
          ExpressionAttributeNames: { '#owner': 'owner', '#response': 'response' },
          ExpressionAttributeValues: {
            ':body': bodyHash,
            ':owner': owner,
            ':until': clock() + leaseMs,
            ':expires': nowSeconds() + KEPT_SECONDS,
            ':seconds': nowSeconds(),
            ':now': clock(),
          },
        }),
      ),
    );
  }

  return {
    async claim(account, keyHash, bodyHash, leaseMs) {
      const owner = randomUUID();
      if (await take(account, keyHash, bodyHash, owner, leaseMs)) return { state: 'claimed', owner };
      const item = await read(account, keyHash);
      // It has just been given back: whoever asks again gets it.
      if (!item) return { state: 'under way' };
      // The answer to our own claim was lost, and the client asked again.
      if (item.owner === owner) return { state: 'claimed', owner };
      if (item.bodyHash !== bodyHash) return { state: 'other body' };
      if (item.response === undefined) return { state: 'under way' };
      const { pk } = keyOf(account, keyHash);
      const text = await getText(client, { tableName, pk, sk: item.response }, clock());
      return text === undefined
        ? { state: 'under way' }
        : { state: 'done', response: JSON.parse(text) as KeptResponse };
    },

    async keep(account, keyHash, owner, response, whose) {
      const { pk, sk } = keyOf(account, keyHash);
      const place = `${sk}#${owner}`;
      const text = JSON.stringify(response);
      const expiresAt = nowSeconds() + KEPT_SECONDS;
      await putText(client, { tableName, pk, sk: place }, text, expiresAt, whoseAttributes(whose));
      await unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk, sk },
            UpdateExpression: 'SET #response = :place',
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner', '#response': 'response' },
            ExpressionAttributeValues: { ':place': place, ':owner': owner },
          }),
        ),
      );
    },

    async giveBack(account, keyHash, owner) {
      await unlessConditionFails(
        client.send(
          new DeleteCommand({
            TableName: tableName,
            Key: keyOf(account, keyHash),
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': owner },
          }),
        ),
      );
    },
  };
}
