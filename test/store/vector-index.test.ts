import { afterEach, describe, expect, it } from 'vitest';
import { ofLengthOne } from '../../lambda/embedding/embedder.ts';
import type { SemanticIndex } from '../../lambda/semantic-index.ts';
import { vectorIndexStore } from '../../lambda/store/vector-index.ts';
import { embeddedClient } from '../../local/dynamo.ts';
import { startProvider } from '../api/gateway-under-test.ts';

const close: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

/** The embedded DynamoDB has no vector search: this answers as the SDK's types say that AWS does, and notes what it is asked. */
async function start(status: number, answer: object) {
  const asked: { target: string; body: Record<string, unknown> }[] = [];
  const server = await startProvider((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      asked.push({ target: String(request.headers['x-amz-target']), body: JSON.parse(text) });
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
  });
  const client = embeddedClient(server.url, { maxAttempts: 1 });
  close.push(() => client.destroy(), server.close);
  let nowMs = 1_000_000;
  const scan: SemanticIndex = {
    nearest: async () => [{ fingerprint: 'scanned', prompt: 'p', likeness: 1 }],
    forget: () => {},
  };
  const index = vectorIndexStore(client, 'responses', () => nowMs, scan);
  const nearest = () => index.nearest('e', 'n', ofLengthOne([3, 4]), 8);
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { asked, nearest, later };
}

const item = (fingerprint: string, expiresAt: number) => ({
  fingerprint: { S: fingerprint },
  prompt: { S: `prompt of ${fingerprint}` },
  expiresAt: { N: String(expiresAt) },
});

describe("DynamoDB's vector index", () => {
  it('is searched within the neighbourhood, and its distances become cosines', async () => {
    const { asked, nearest } = await start(200, { SearchResults: [{ Item: item('a', 9_999), Score: 0.1 }] });
    expect(await nearest()).toEqual([{ fingerprint: 'a', prompt: 'prompt of a', likeness: 0.9 }]);
    expect(asked).toEqual([
      {
        target: expect.stringContaining('SearchVectors'),
        body: expect.objectContaining({
          TableName: 'responses',
          IndexName: 'neighbours',
          TopK: 8,
          SearchConditionExpression: 'near = :partition',
          ExpressionAttributeValues: { ':partition': { S: 'near#e#n' } },
        }),
      },
    ]);
    const sent = asked[0]?.body.SearchVector as { N: string }[];
    expect(sent.map(({ N }) => Number(N))).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
  });

  it('leaves out what has expired and is not deleted yet', async () => {
    const { nearest } = await start(200, { SearchResults: [{ Item: item('old', 900), Score: 0 }] });
    expect(await nearest()).toEqual([]);
  });

  it('has the scan in its place while it is being built, and is asked again after a minute', async () => {
    const building = { __type: 'com.amazon.coral.validate#ValidationException', message: 'The index is not active.' };
    const { asked, nearest, later } = await start(400, building);
    expect((await nearest())[0]?.fingerprint).toBe('scanned');
    await nearest();
    expect(asked).toHaveLength(1);
    later(61_000);
    await nearest();
    expect(asked).toHaveLength(2);
  });

  it('fails with the store, so that the request goes on without it', async () => {
    const { nearest } = await start(500, { __type: 'InternalServerError' });
    await expect(nearest()).rejects.toThrow();
  });
});
