import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bearerToken, hashApiKey, newApiKey } from '../lambda/core/api-key.ts';
import { isJsonObject } from '../lambda/core/json-body.ts';
import type { Accounts, Keys } from '../lambda/ports.ts';

export interface LocalKeys {
  apiKey: string;
  adminKey: string;
}

/** The keys from the environment, or those in the file, which is written the first time. */
export function localKeys(environment: NodeJS.ProcessEnv, file: string): LocalKeys {
  const { HEADGATE_API_KEY: apiKey, HEADGATE_ADMIN_KEY: adminKey } = environment;
  for (const [name, key] of Object.entries({ HEADGATE_API_KEY: apiKey, HEADGATE_ADMIN_KEY: adminKey })) {
    if (key && bearerToken(`Bearer ${key}`) === undefined)
      throw new Error(`${name} must have 1 to 512 ASCII characters, without spaces.`);
  }
  if (apiKey && adminKey) return { apiKey, adminKey };
  const kept = readKeys(file) ?? writeKeys(file);
  return { apiKey: apiKey || kept.apiKey, adminKey: adminKey || kept.adminKey };
}

function readKeys(file: string): LocalKeys | undefined {
  try {
    const keys: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const { apiKey, adminKey } = isJsonObject(keys) ? keys : {};
    return typeof apiKey === 'string' && typeof adminKey === 'string' ? { apiKey, adminKey } : undefined;
  } catch {
    return undefined;
  }
}

function writeKeys(file: string): LocalKeys {
  const keys = { apiKey: newApiKey(), adminKey: newApiKey() };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

/**
 * Makes the keys known to the gateway: a caller of the account `local`, which has no limits, and an admin. A key that is
 * there already stays as it is.
 */
export async function seedKeys(accounts: Accounts, keys: Keys, { apiKey, adminKey }: LocalKeys): Promise<void> {
  const limits = { requestsPerMinute: null, tokensPerMinute: null, callsInFlight: null };
  const terms = { tier: 'master', limits };
  const account = (await accounts.create('local', terms)) ?? (await accounts.find('local'));
  if (!account) throw new Error('The account of the local caller could not be made.');
  await keys.put(hashApiKey(apiKey), { role: 'caller', label: 'local caller', terms: {} }, account);
  await keys.put(hashApiKey(adminKey), { role: 'admin', label: 'local admin', terms: {} }, account);
}
