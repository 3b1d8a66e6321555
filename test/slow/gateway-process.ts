import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { bodyOf } from '../api/gateway-under-test.ts';
import type { LedgerTask } from './workers/ledger-worker.ts';
import { startWorker } from './workers/run-workers.ts';

export const MODEL = 'openai/gpt-4o';
const keys = { apiKey: 'hg_key-of-the-tests', adminKey: 'hg_admin-of-the-tests' };

/** A gateway in a process of its own. */
export interface GatewayProcess {
  url: string;
  kill(): void;
  ended: Promise<unknown>;
  close(): Promise<void>;
}

/** Starts one, which then sweeps every so often. */
export async function startGatewayProcess(task: Omit<LedgerTask, 'keys'>): Promise<GatewayProcess> {
  const { child, messages } = startWorker('ledger-worker.ts', { ...task, keys } satisfies LedgerTask);
  const [said] = (await once(child, 'message')) as [{ url: string }];
  return {
    url: said.url,
    kill: () => void child.kill('SIGKILL'),
    ended: messages,
    async close() {
      child.disconnect();
      await messages;
    },
  };
}

/** Calls an admin route; throws unless it is answered well. */
export async function asAdmin({ url }: GatewayProcess, method: string, path: string, body?: object) {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${keys.adminKey}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await bodyOf(response);
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

export interface Account {
  id: string;
  key: string;
  /** Requests that were answered whole, and heard of by their caller. */
  answered: number;
}

export async function newAccount(from: GatewayProcess, hasBudget: boolean): Promise<Account> {
  const id = `account-${randomUUID()}`;
  const budgets = hasBudget ? { budgets: { dayDollars: 10, monthDollars: 100 } } : {};
  await asAdmin(from, 'POST', '/v2/admin/accounts', { id, tier: 'pro', ...budgets });
  const { key } = await asAdmin(from, 'POST', '/v2/admin/keys', { account: id });
  return { id, key, answered: 0 };
}

export function ask({ url }: GatewayProcess, { key }: Account, stream: boolean): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'x-headgate-user': 'ada' },
    body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'hi' }], max_tokens: 50, stream }),
  });
}
