import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BANNER, MAIN_FIELDS, NEVER_LOADED, TARGET } from '../../lib/bundling.ts';

/** What each bundle may weigh, minified, with the SDK inside. The cold start grows with it. */
const BUDGET_KILOBYTES = {
  chat: 500,
  attempt: 500,
  jobs: 450,
  webhook: 375,
  models: 350,
  health: 400,
  admin: 375,
  sweep: 375,
  billing: 650,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function bundle(name: string): Promise<{ file: string; kilobytes: number }> {
  const file = join(folder, `${name}.mjs`);
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, `../../lambda/${name}/index.ts`)],
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: TARGET,
    mainFields: MAIN_FIELDS,
    external: NEVER_LOADED,
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'error',
  });
  return { file, kilobytes: Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0) / 1_024 };
}

describe('a bundled function', () => {
  for (const [name, budget] of Object.entries(BUDGET_KILOBYTES)) {
    it(`${name} weighs at most ${budget} KB`, async () => {
      expect((await bundle(name)).kilobytes).toBeLessThanOrEqual(budget);
    });
  }

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
    const { handler } = await import(pathToFileURL((await bundle('chat')).file).href);
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
