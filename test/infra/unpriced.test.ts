import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('a model without a price stops the synth', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-unpriced-'));
  const operatorModule = join(folder, 'operator.ts');
  writeFileSync(
    operatorModule,
    `export const models = { 'openai/new': { provider: 'openai', upstreamName: 'new', contextWindowTokens: 8_000 } };\n`,
  );
  const synth = promisify(execFile)(process.execPath, ['bin/gateway.ts'], {
    env: { ...process.env, HEADGATE_CONFIG: operatorModule },
  });
  await expect(synth).rejects.toThrow('Model openai/new has no price.');
  rmSync(folder, { recursive: true });
});
