import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled } from './bundled.ts';

/**
 * What a cold start loads: the size of each function's bundle, and the CPU time a new process takes to load it on one core, with and
 * without Node's compile cache, beside a bundle of nothing but the DynamoDB client that the stores use, with Node's HTTPS, which
 * that loads by itself with its first call. A function of 256 MB has a seventh of a core, so its times are longer; what compares
 * is the ratio. Ends with 1 when the chat is over its bounds.
 */
const FUNCTIONS = ['chat', 'attempt', 'jobs', 'webhook', 'usage', 'export', 'cache', 'models'];
const OTHERS = ['route-suggest', 'feedback', 'health', 'admin', 'billing', 'sweep', 'release-check'];
const ROUNDS = 11;

const MOST_CHAT_KILOBYTES = 450;
const MOST_CHAT_RATIO = 1.3;

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(ROOT, '.cold-start-'));
const cache = join(folder, 'compile-cache');

/** Everything a function's environment may have, so that each can start. */
const TABLES = ['ACCOUNTS', 'USAGE', 'TRAFFIC', 'RESPONSES'].map((name) => [`${name}_TABLE`, name.toLowerCase()]);
const ENVIRONMENT = {
  PATH: process.env.PATH ?? '',
  ...Object.fromEntries(TABLES),
  PROVIDER_SECRET_ARN: 'arn',
  STRIPE_SECRET_ARN: 'arn',
  FALLBACK_MACHINE_ARN: 'arn',
  JOB_MACHINE_ARN: 'arn',
  DEPLOYMENT: 'Headgate',
  NEW_VERSIONS: '[]',
  AWS_REGION: 'us-east-1',
};

const LOAD = `
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: {} };
const before = process.cpuUsage();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
const loadedMs = (user + system) / 1_000;
if (process.env.NODE_COMPILE_CACHE) (await import('node:module')).flushCompileCache();
console.log(loadedMs);
process.exit(0);`;

/** Keeps a process on one core, where the machine can. */
const ONE_CORE = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];

function loadMs(file: string, isCached: boolean): number {
  const [command = '', ...parameters] = [...ONE_CORE, process.execPath, '--input-type=module', '-e', LOAD, file];
  const env = { ...ENVIRONMENT, ...(isCached ? { NODE_COMPILE_CACHE: cache } : {}) };
  return Number(execFileSync(command, parameters, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

const COMMANDS = 'GetCommand, PutCommand, UpdateCommand, DeleteCommand, QueryCommand';
const baseline = join(folder, 'dynamodb-client.ts');
writeFileSync(
  baseline,
  `import { Agent } from 'node:https';
import { ${COMMANDS} } from '@aws-sdk/lib-dynamodb';
import { dynamoClient } from '../lambda/store/dynamo.ts';
export const agent = new Agent();
const client = dynamoClient();
export const handler = (event) => [${COMMANDS}].map((Command) => client.send(new Command(event)));
`,
);

try {
  const bundles = [
    ['DynamoDB client', bundled(baseline, folder, 'baseline')],
    ...[...FUNCTIONS, ...OTHERS].map((name) => [name, bundled(join(ROOT, 'lambda', name, 'index.ts'), folder, name)]),
  ] as [string, ReturnType<typeof bundled>][];
  const times = new Map<string, { plain: number[]; cached: number[] }>(
    bundles.map(([name]) => [name, { plain: [], cached: [] }]),
  );
  // In turns, so that what else the machine does meets all of them alike. The first cached round fills the cache.
  for (const [, { file }] of bundles) loadMs(file, true);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { file }] of bundles) {
      times.get(name)?.plain.push(loadMs(file, false));
      times.get(name)?.cached.push(loadMs(file, true));
    }
  }
  const least = (name: string, kind: 'plain' | 'cached') => Math.min(...(times.get(name)?.[kind] ?? []));
  console.log(
    `CPU ms to load a bundle in a new process${ONE_CORE.length > 0 ? ' on one core' : ''}, the least of ${ROUNDS}: the rest is other work`,
  );
  console.log('function              KB    load   ratio  with compile cache');
  for (const [name, { kilobytes }] of bundles) {
    const ratio = least(name, 'plain') / least('DynamoDB client', 'plain');
    const figures = [kilobytes.toFixed(0).padStart(6), least(name, 'plain').toFixed(1).padStart(7)];
    console.log(
      name.padEnd(17),
      ...figures,
      ratio.toFixed(2).padStart(7),
      least(name, 'cached').toFixed(1).padStart(8),
    );
  }
  const [, chat] = bundles.find(([name]) => name === 'chat') ?? [];
  const ratio = least('chat', 'plain') / least('DynamoDB client', 'plain');
  const isWithin = (chat?.kilobytes ?? Number.POSITIVE_INFINITY) <= MOST_CHAT_KILOBYTES && ratio <= MOST_CHAT_RATIO;
  console.log(
    `chat: at most ${MOST_CHAT_KILOBYTES} KB and ${MOST_CHAT_RATIO} times: ${isWithin ? 'kept' : 'not kept'}`,
  );
  process.exitCode = isWithin ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
