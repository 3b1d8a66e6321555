import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configuration } from '../config/index.ts';
import { hashApiKey, newApiKey } from '../lambda/core/api-key.ts';
import { accountsStore } from '../lambda/store/accounts.ts';
import { dynamoClient } from '../lambda/store/dynamo.ts';
import { keysStore } from '../lambda/store/keys.ts';
import { STACK_OPTIONS, stackOutput } from './deployed-stack.ts';
import { runCommand } from './run-command.ts';

const USAGE = `npm run keys -- <command>

  create --account <id> [--tier <tier>] [--day <dollars>] [--month <dollars>] [--label <text>] [--admin]
      makes a key, and the account with this tier and these budgets if there is none
  list --account <id>
  revoke --id <key id>
  rotate --id <key id> [--overlap <seconds>]
  unlock --account <id>
      these talk to the gateway at HEADGATE_URL (http://127.0.0.1:8787) with HEADGATE_ADMIN_KEY (the local one)

  bootstrap --account <id> [--stage <stage>] [--stack <name>]
      makes the first admin key of a deployed gateway, with AWS credentials that may write its accounts table`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    account: { type: 'string' },
    tier: { type: 'string' },
    day: { type: 'string' },
    month: { type: 'string' },
    label: { type: 'string' },
    admin: { type: 'boolean', default: false },
    id: { type: 'string' },
    overlap: { type: 'string' },
    ...STACK_OPTIONS,
  },
});

/** The admin key from the environment, or the one a gateway on this machine keeps. */
function adminKey(): string {
  const { HEADGATE_ADMIN_KEY: key } = process.env;
  if (key) return key;
  try {
    return JSON.parse(readFileSync(join(import.meta.dirname, '../.local/keys.json'), 'utf8')).adminKey;
  } catch {
    throw new Error('Set HEADGATE_ADMIN_KEY, or start a local gateway first: npm start');
  }
}

async function call(
  method: string,
  path: string,
  body?: object,
  accepted: number[] = [],
): Promise<Record<string, unknown>> {
  const url = `${(process.env.HEADGATE_URL || 'http://127.0.0.1:8787').replace(/\/$/, '')}/v2/admin${path}`;
  const headers = { authorization: `Bearer ${adminKey()}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const answer = (await response.json()) as Record<string, unknown> & { error?: { message: string } };
  if (!response.ok && !accepted.includes(response.status)) throw new Error(answer.error?.message);
  return answer;
}

function needed(name: 'account' | 'id'): string {
  const value = values[name];
  if (!value) throw new Error(`--${name} is missing.\n\n${USAGE}`);
  return value;
}

/** A number as people write it, or an end with a word: what is no number must not become "no budget". */
function number(option: string, value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new Error(`--${option} must be a plain number, such as 50 or 2.5.`);
}

async function create(): Promise<void> {
  const account = needed('account');
  const { tier, day, month, label, admin } = values;
  const budgets = {
    ...(day ? { dayDollars: number('day', day) } : {}),
    ...(month ? { monthDollars: number('month', month) } : {}),
  };
  const terms = { ...(tier ? { tier } : {}), ...(day || month ? { budgets } : {}) };
  const CONFLICT = 409;
  const made = await call('POST', '/accounts', { id: account, ...terms }, [CONFLICT]);
  if ('error' in made && Object.keys(terms).length > 0) await call('PATCH', `/accounts/${account}`, terms);
  const key = await call('POST', '/keys', { account, role: admin ? 'admin' : 'caller', ...(label ? { label } : {}) });
  showKey(String(key.key));
}

/** The key alone goes to standard output, so that a script can take it from there. */
function showKey(key: string): void {
  console.error('The key is shown this once:');
  console.log(key);
}

async function bootstrap(): Promise<void> {
  const id = needed('account');
  const table = await stackOutput(values, 'AccountsTable');
  const client = dynamoClient();
  const accounts = accountsStore(client, table, Date.now);
  const account = (await accounts.create(id, { tier: configuration.defaultTier })) ?? (await accounts.find(id));
  if (!account) throw new Error('The account could not be made.');
  const key = newApiKey();
  const fields = { role: 'admin' as const, label: 'bootstrap', terms: {} };
  await keysStore(client, table, configuration, Date.now).put(hashApiKey(key), fields, account);
  showKey(key);
}

const COMMANDS: Record<string, () => Promise<unknown>> = {
  create,
  bootstrap,
  list: () => call('GET', `/keys?account=${encodeURIComponent(needed('account'))}`),
  revoke: () => call('DELETE', `/keys/${needed('id')}`),
  rotate: () =>
    call(
      'POST',
      `/keys/${needed('id')}/rotate`,
      values.overlap ? { overlapSeconds: number('overlap', values.overlap) } : {},
    ),
  unlock: () => call('POST', `/accounts/${encodeURIComponent(needed('account'))}/unlock`),
};

await runCommand(COMMANDS, positionals[0] ?? '', USAGE);
