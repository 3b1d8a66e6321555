import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
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
 * Keeps a text of any length: compressed, and split over items where it is larger than one may be. The first item is
 * written last, so that a text is there whole or not at all. False when there is one at this place already.
 */
export async function putText(
  client: DynamoDBDocumentClient,
  { tableName, pk, sk }: TextPlace,
  text: string,
  attributes: Record<string, unknown>,
  expiresAt: number,
): Promise<boolean> {
  const bytes = await compress(text);
  const version = randomUUID();
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += PART_BYTES) parts.push(bytes.subarray(start, start + PART_BYTES));
  const [first, ...rest] = parts;
  await Promise.all(
    rest.map((part, index) =>
      client.send(
        new PutCommand({
          TableName: tableName,
          Item: { pk, sk: `${sk}#${version}#${String(index).padStart(4, '0')}`, part, expiresAt },
        }),
      ),
    ),
  );
  return unlessConditionFails(
    client.send(
      new PutCommand({
        TableName: tableName,
        Item: { ...attributes, pk, sk, part: first, parts: parts.length, version, expiresAt },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
}

/** The text at this place; undefined when there is none. Throws when a part of it is missing. */
export async function getText(
  client: DynamoDBDocumentClient,
  { tableName, pk, sk }: TextPlace,
): Promise<string | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { pk, sk }, ConsistentRead: true }));
  if (!Item) return undefined;
  const parts = [Item.part as Uint8Array, ...(await furtherParts(client, tableName, pk, `${sk}#${Item.version}#`))];
  if (parts.length !== Item.parts) throw new Error('A part of a stored text is missing.');
  return (await decompress(Buffer.concat(parts))).toString('utf8');
}

async function furtherParts(
  client: DynamoDBDocumentClient,
  tableName: string,
  pk: string,
  prefix: string,
): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      }),
    );
    parts.push(...(page.Items ?? []).map(({ part }) => part as Uint8Array));
    from = page.LastEvaluatedKey;
  } while (from);
  return parts;
}
