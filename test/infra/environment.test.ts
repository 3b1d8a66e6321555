import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleHandler } from '../../lib/bundling.ts';
import { synthesise } from './synthesise.ts';

const LAMBDA = join(import.meta.dirname, '../../lambda');

/** Functions whose folder has another name than they have. */
const FOLDERS: Readonly<Record<string, string>> = { RouteSuggest: 'route-suggest', SweepSweep: 'sweep' };

/** The functions of the whole template by their construct ids, with what their environment says. */
function functionsIn(): [string, Record<string, unknown>][] {
  const { gateway } = synthesise(false, true, { hotTier: { maximumGigabytes: 1, maximumEcpuPerSecond: 1_000 } });
  return Object.entries(gateway.findResources('AWS::Lambda::Function')).map(([id, { Properties }]) => [
    id.replace(/Function[0-9A-F]{8}$/, ''),
    Properties.Environment?.Variables ?? {},
  ]);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-environment-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the environment that the template gives', () => {
  it.each(functionsIn())('%s is all that it needs to start', async (name, variables) => {
    for (const [variable, value] of Object.entries(variables)) {
      vi.stubEnv(variable, typeof value === 'string' ? value : 'a-reference');
    }
    vi.stubEnv('AWS_REGION', 'us-east-1');
    Object.assign(globalThis, {
      awslambda: { streamifyResponse: <Handler>(handler: Handler) => handler, HttpResponseStream: {} },
    });
    bundleHandler(join(LAMBDA, FOLDERS[name] ?? name.toLowerCase(), 'index.ts'), join(folder, name));
    const started = await import(pathToFileURL(join(folder, name, 'index.mjs')).href);
    expect(started.handler).toBeTypeOf('function');
  });
});
