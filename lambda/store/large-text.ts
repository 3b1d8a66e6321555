import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { unlessConditionFails } from './conditional-write.ts';

/** DynamoDB takes items of 400 KB, names included. */
const PART_BYTES = 350_000;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Where a text lies. */
export interface TextPlace {
  tableName: string;
  pk: string;
  sk: string;
}

/**
 * Keeps a text of any length: compressed, and split over items where it is larger than one may be. The parts lie under keys
 * of their own, one written after the other, since a partition takes a megabyte a second. The first item is written last, so
 * that a text is there whole or not at all; it has the further attributes. False when there is one at this place already.
 */
export async function putText(
  client: DynamoDBDocumentClient,
  { tableName, pk, sk }: TextPlace,
  text: string,
  expiresAt: number,
  further: Readonly<Record<string, unknown>> = {},
): Promise<boolean> {
  const bytes = await compress(text);
  const version = randomUUID();
  const parts = Math.ceil(bytes.length / PART_BYTES);
  const partAt = (index: number) => bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
  for (let index = 1; index < parts; index++) {
    const Item = { ...partKey(pk, version, index), part: partAt(index), expiresAt };
    await client.send(new PutCommand({ TableName: tableName, Item }));
  }
  return unlessConditionFails(
    client.send(
      new PutCommand({
        TableName: tableName,
        Item: { ...further, pk, sk, part: partAt(0), parts, version, expiresAt },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
}

/** The text at this place; undefined when there is none, or it has expired. Throws when a part of it is missing. */
export async function getText(
  client: DynamoDBDocumentClient,
  { tableName, pk, sk }: TextPlace,
  nowMs: number,
): Promise<string | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { pk, sk }, ConsistentRead: true }));
  if (!Item || Number(Item.expiresAt) * 1_000 <= nowMs) return undefined;
  const further = Array.from({ length: Number(Item.parts) - 1 }, async (_, index) => {
    const Key = partKey(pk, String(Item.version), index + 1);
    return (await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item?.part;
  });
  const parts: unknown[] = [Item.part, ...(await Promise.all(further))];
  if (!parts.every((part) => part instanceof Uint8Array)) throw new Error('A part of a stored text is missing.');
  return (await decompress(Buffer.concat(parts))).toString('utf8');
}

/** Removes what lies at this place, with the parts of a text. The first item goes last, as it names them. False when there is none. */
export async function removeText(
  client: DynamoDBDocumentClient,
  { tableName: TableName, pk, sk }: TextPlace,
): Promise<boolean> {
  const { Items: [item] = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk AND sk = :sk',
      ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
      ProjectionExpression: 'sk, #parts, version',
      ExpressionAttributeNames: { '#parts': 'parts' },
      ConsistentRead: true,
    }),
  );
  if (!item) return false;
  for (let index = 1; index < Number(item.parts ?? 1); index++) {
    await client.send(new DeleteCommand({ TableName, Key: partKey(pk, String(item.version), index) }));
  }
  await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
  return true;
}

function partKey(pk: string, version: string, index: number): { pk: string; sk: string } {
  return { pk: `${pk}#${version}#${index}`, sk: 'part' };
}
