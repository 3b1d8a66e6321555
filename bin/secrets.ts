import { parseArgs } from 'node:util';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isJsonObject } from '../lambda/core/json-body.ts';
import { loadConfiguration } from '../local/configuration.ts';
import { STACK_OPTIONS, stackOutput } from './deployed-stack.ts';
import { hiddenInput } from './hidden-input.ts';
import { runCommand } from './run-command.ts';

const USAGE = `npm run secrets -- <command> [--stage <stage>] [--stack <name>]

  set <provider>     asks for the provider's key without showing it, or reads it from a pipe
  list               the providers that have a key; never a key
  remove <provider>

  Keys lie in the deployed stack's secret, as one JSON object. Functions use a new one within five minutes, or, when the
  provider refuses the old one, with the next call.`;

const { positionals, values } = parseArgs({ allowPositionals: true, options: STACK_OPTIONS });
const [command = '', provider, ...rest] = positionals;

/** Longer than the key of any provider, and short enough for a secret with all of them. */
const LONGEST_KEY = 2_000;

/** The deployed secret, and what it holds. */
async function openSecret() {
  const SecretId = await stackOutput(values, 'ProviderSecret');
  const client = new SecretsManagerClient();
  const text = await client.send(new GetSecretValueCommand({ SecretId })).then(
    ({ SecretString = '{}' }) => SecretString,
    (error: Error) => {
      // A secret that nobody has filled yet has no value.
      if (error.name === 'ResourceNotFoundException') return '{}';
      throw error;
    },
  );
  const write = async (keys: object) => {
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(keys) }));
  };
  return { keys: keysIn(text), write };
}

function keysIn(text: string): Record<string, unknown> {
  try {
    const keys: unknown = JSON.parse(text || '{}');
    if (isJsonObject(keys)) return keys;
  } catch {
    // Its text must not be shown.
  }
  throw new Error(
    'The secret holds something that is no JSON object. Empty it in the AWS console ({}), then set all keys.',
  );
}

/** The provider that is meant. Throws for one that is not configured: its key would never be used. */
async function knownProvider(): Promise<string> {
  if (provider === undefined) throw new Error(`The provider is missing.\n\n${USAGE}`);
  if (rest.length > 0)
    throw new Error('Keys are never arguments: other users of this machine could see them. Type or pipe it.');
  const { providers } = await loadConfiguration(process.env.HEADGATE_CONFIG);
  if (Object.hasOwn(providers, provider)) return provider;
  throw new Error(`There is no provider "${provider}". Those are ${Object.keys(providers).sort().join(', ')}.`);
}

async function set(): Promise<void> {
  const name = await knownProvider();
  const { keys, write } = await openSecret();
  const key = await hiddenInput(`Key of ${name}: `);
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > LONGEST_KEY) {
    throw new Error('A key is one line without spaces. Nothing was changed.');
  }
  const isNew = !Object.hasOwn(keys, name);
  await write({ ...keys, [name]: key });
  console.log(`${name}: ${isNew ? 'set' : 'replaced'}`);
}

async function list(): Promise<void> {
  const { keys } = await openSecret();
  const names = Object.keys(keys).sort();
  console.log(names.length > 0 ? names.join('\n') : 'No provider has a key.');
}

async function remove(): Promise<void> {
  const { keys, write } = await openSecret();
  if (provider === undefined || !Object.hasOwn(keys, provider)) throw new Error('This provider has no key.');
  const { [provider]: _, ...others } = keys;
  await write(others);
  console.log(`${provider}: removed`);
}

await runCommand({ set, list, remove }, command, USAGE);
