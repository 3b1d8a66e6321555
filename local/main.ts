import { join } from 'node:path';
import type { Configuration } from '../lambda/core/configuration.ts';
import { loadConfiguration } from './configuration.ts';
import { consoleObserver } from './console-observer.ts';
import { FolderInUse } from './data-folder.ts';
import { localKeys } from './keys.ts';
import { BELIEVABLE_PACE } from './simulated/provider.ts';
import { type LocalGateway, type LocalOptions, startLocalGateway } from './start.ts';

/** `npm start`: the whole gateway on 127.0.0.1. docs/local.md lists the environment variables. */
const stateFolder = join(import.meta.dirname, '..', '.local');

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  // Whoever reads our output may stop reading; that is no reason to stop serving.
  process.stdout.on('error', () => {});
  const environment = process.env;
  const port = Number(environment.PORT || 8787);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT must be a number from 0 to 65535.');
  const keys = localKeys(environment, join(stateFolder, 'keys.json'));
  const options: LocalOptions = {
    configuration: await loadConfiguration(environment.HEADGATE_CONFIG),
    environment,
    port,
    keys,
    database: { folder: dataFolder(environment.HEADGATE_DATA) },
    valkeyUrl: environment.HEADGATE_VALKEY_URL,
    pace: environment.HEADGATE_SIMULATED_PACE === 'instant' ? { firstTokenMs: 0, tokenMs: 0 } : BELIEVABLE_PACE,
    observer: consoleObserver(print),
    alertSink: async ({ account, percent, period }) =>
      print(`budget alert: ${account} has used ${percent} % for ${period}`),
  };
  const gateway = await startOrUseMemory(options, Boolean(environment.HEADGATE_DATA));
  process.stdout.write(`${greeting(gateway, keys.apiKey, modelToTry(options.configuration, gateway.realProviders))}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void gateway.close().then(() => process.exit(0));
    });
  }
}

/** The folder for the tables: `.local/data` unless the operator names another, none for `memory`. */
function dataFolder(setting: string | undefined): string | undefined {
  if (setting === 'memory') return undefined;
  return setting || join(stateFolder, 'data');
}

/** One process can hold a folder. A second gateway without a folder of its own keeps its data in memory. */
async function startOrUseMemory(options: LocalOptions, isFolderChosen: boolean): Promise<LocalGateway> {
  try {
    return await startLocalGateway(options);
  } catch (error) {
    if (!(error instanceof FolderInUse) || isFolderChosen) throw error;
    process.stdout.write(
      'Another gateway holds .local/data; this one keeps its data in memory (HEADGATE_DATA chooses).\n',
    );
    return startLocalGateway({ ...options, database: { folder: undefined } });
  }
}

/** The default model, or the first one that a real provider in use offers. */
function modelToTry({ models, defaultModel }: Configuration, real: string[]): string {
  const isOffered = (id: string) => real.length === 0 || real.includes(models[id]?.provider ?? '');
  return [defaultModel, ...Object.keys(models)].find(isOffered) ?? defaultModel;
}

function greeting({ url, realProviders }: LocalGateway, apiKey: string, model: string): string {
  const providers =
    realProviders.length > 0
      ? `real providers: ${realProviders.join(', ')}`
      : 'the simulated provider (set OPENAI_API_KEY or another provider key for real ones)';
  return `Headgate is ready at ${url} with key ${apiKey} and ${providers}. Try:

curl ${url}/v1/chat/completions -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' \\
  -d '{"model":"${model}","messages":[{"role":"user","content":"Hello!"}]}'
`;
}

main().catch((error: NodeJS.ErrnoException) => {
  const message =
    error.code === 'EADDRINUSE'
      ? `Port ${process.env.PORT || 8787} is taken. Choose another: PORT=8788 npm start`
      : error.message;
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
