import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { stages } from '../../config/stages.ts';
import { chosenStage } from '../../lib/stage.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The templates of a stage, by the app that `cdk` runs, with its flags and without any credentials. */
async function templatesOf(stage: string): Promise<Record<string, { Resources: Record<string, { Type: string }> }>> {
  const outdir = mkdtempSync(join(tmpdir(), 'headgate-stage-'));
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const env = {
    PATH: process.env.PATH,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage, 'aws:cdk:bundling-stacks': [] }),
  };
  try {
    await promisify(execFile)(process.execPath, ['bin/gateway.ts'], { cwd: ROOT, env });
    const { stackName } = chosenStage(stage);
    const read = (name: string) => JSON.parse(readFileSync(join(outdir, `${name}.template.json`), 'utf8'));
    return { gateway: read(stackName), data: read(`${stackName}Data`) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

it.each(Object.keys(stages))('the stage %s synthesises without credentials, and passes the rules', async (name) => {
  const { gateway, data } = await templatesOf(name);
  const idsOf = (template: typeof gateway, type: string) =>
    Object.entries(template?.Resources ?? {})
      .filter(([, { Type }]) => Type === type)
      .map(([id]) => id)
      .sort();
  // What keeps something is never replaced, and has the same name in each stage.
  expect(idsOf(data, 'AWS::DynamoDB::GlobalTable')).toEqual(['AccountsTable81C15AE5', 'UsageTable28300137']);
  expect(idsOf(gateway, 'AWS::SecretsManager::Secret')).toEqual(['ProviderKeys2563E0B5']);
  expect(idsOf(gateway, 'AWS::CodeDeploy::Application')).toHaveLength(name === 'dev' ? 0 : 1);
});

it('a stage is told apart from others in the same account: by its metrics, its queries, its logs and its alerts', async () => {
  const { gateway } = await templatesOf('prod');
  const text = JSON.stringify(gateway);
  const said = [
    '"POWERTOOLS_SERVICE_NAME":"headgateprod-chat"',
    '"Name":"HeadgateProd/Failed requests"',
    '/aws/vendedlogs/states/HeadgateProd-Fallback',
    '"detail":{"deployment":["HeadgateProd"]}',
    '"DEPLOYMENT":"HeadgateProd"',
  ];
  expect(said.filter((part) => !text.includes(part))).toEqual([]);
  expect(text.match(/service=\\+"chat\\+"/)).toBeNull();
  expect(text.includes('"Value":"chat"')).toBe(false);
});
