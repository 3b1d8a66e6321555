import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { PROCESS_LOST } from '../../lambda/core/lost-call.ts';
import { costOf } from '../../lambda/core/price.ts';
import { readOpenAiUsage } from '../../lambda/core/usage.ts';
import { type EmbeddedDynamo, embeddedClient } from '../../local/dynamo.ts';
import { startProvider } from '../api/gateway-under-test.ts';
import { chunk, sse } from '../api/scripted-provider.ts';
import { startTestDynamo } from '../store/test-dynamo.ts';
import {
  type Account,
  asAdmin,
  ask,
  type GatewayProcess,
  MODEL,
  newAccount,
  startGatewayProcess,
} from './gateway-process.ts';
import { type AnswerMoment, type KillPoint, REQUEST_POINTS, type StoreMoment, SWEEP_POINTS } from './kill-points.ts';
import { type KillProxy, startKillProxy } from './kill-proxy.ts';
import { agree, eventsOf, isClosed, isSettled } from './ledger-agreement.ts';

/**
 * Gateway processes on one database are killed at named points; others go on, with clocks for which every lease has ended.
 * Then each accepted request has one row, rows and money agree, and nothing is reserved.
 */
const CONTENTS = 6;
const USAGE = { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 };
const HOUR_MS = 3_600_000;
const NEVER_MS = HOUR_MS;

let dynamo: EmbeddedDynamo;
let proxy: KillProxy;
let provider: Awaited<ReturnType<typeof startProvider>>;
let database: ReturnType<typeof embeddedClient>;
/** What the provider does once it has sent so many contents. */
let pauseAt: { contents: number; reached: () => void } | undefined;

beforeAll(async () => {
  dynamo = await startTestDynamo();
  proxy = await startKillProxy(dynamo.endpoint);
  database = embeddedClient(dynamo.endpoint);
  provider = await startProvider(async (request, response) => {
    const { stream } = JSON.parse(await text(request)) as { stream?: boolean };
    if (pauseAt?.contents === 0) return pauseAt.reached();
    if (stream) return sendStream(response);
    const message = { role: 'assistant', content: 'an answer' };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 'x', object: 'chat.completion', choices, usage: USAGE }));
  });
});
afterAll(async () => {
  database.destroy();
  await Promise.all([provider.close(), proxy.close()]);
  await dynamo.close();
});

function sendStream(response: ServerResponse): void {
  response.writeHead(200, sse);
  const send = (data: string) => response.write(`data: ${data}\n\n`);
  for (let sent = 1; sent <= CONTENTS; sent++) {
    send(chunk({ content: `word ${sent} ` }));
    // The caller says when it has them.
    if (pauseAt?.contents === sent) return;
  }
  send(chunk({}, 'stop'));
  send(JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [], usage: USAGE }));
  response.end('data: [DONE]\n\n');
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!(await look())) {
    if (performance.now() > giveUpAt) throw new Error('It did not happen within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const startProcess = (aheadMs = 0, sweepEveryMs = NEVER_MS) =>
  startGatewayProcess({ endpoint: proxy.endpoint, providerUrl: provider.url, aheadMs, sweepEveryMs });

async function askWell(from: GatewayProcess, account: Account): Promise<void> {
  const response = await ask(from, account, false);
  await response.text();
  expect(response.status).toBe(200);
  account.answered += 1;
}

/** Asks, and kills the process at the point. */
async function killAt({ at, stream }: KillPoint, victim: GatewayProcess, account: Account): Promise<void> {
  if ('place' in at) proxy.arm(at, account.id, victim.kill);
  else pauseAt = { contents: at.contents, reached: victim.kill };
  const response = await ask(victim, account, stream).catch(() => undefined);
  if ('contents' in at && at.contents > 0) await killOnceRead(response, at, victim);
  else await response?.text().catch(() => {});
  await victim.ended;
  pauseAt = undefined;
}

async function killOnceRead(response: Response | undefined, { contents }: AnswerMoment, victim: GatewayProcess) {
  let read = '';
  for await (const piece of response?.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    read += piece;
    if (read.includes(`word ${contents} `)) break;
  }
  victim.kill();
}

const price = configuration.models[MODEL]?.price;
const usage = readOpenAiUsage(USAGE);
if (!price || !usage) throw new Error('The model has no price.');
const BILLED = costOf(usage, price);

describe('a process that is killed while it serves', () => {
  const accounts = new Map<KillPoint, Account>();
  let survivor: GatewayProcess;

  beforeAll(async () => {
    for (const point of REQUEST_POINTS) {
      const victim = await startProcess();
      const account = await newAccount(victim, point.hasBudget);
      accounts.set(point, account);
      await askWell(victim, account);
      await killAt(point, victim, account);
    }
    // The next process on the same database serves on before any lease has ended.
    const next = await startProcess();
    for (const account of accounts.values()) await askWell(next, account);
    await next.close();
    // For this one's clock all leases have ended, and the hour is over.
    survivor = await startProcess(3 * HOUR_MS, 100);
    for (const account of accounts.values()) {
      await until(async () => (await isSettled(database, account)) && (await isClosed(database, account)));
    }
  }, 170_000);
  afterAll(() => survivor.close());

  it.each(REQUEST_POINTS)('when $name leaves $ledger', async (point) => {
    const account = accounts.get(point) as Account;
    const rows = await eventsOf(database, account);
    expect(new Set(rows.map(({ requestId }) => requestId)).size).toBe(rows.length);
    const lost = rows.filter(({ errorCode }) => errorCode === PROCESS_LOST);
    const whole = rows.filter(({ errorCode }) => errorCode !== PROCESS_LOST);
    expect(whole.every(({ costMicroDollars }) => costMicroDollars === BILLED)).toBe(true);
    expect([whole.length, lost.length]).toEqual([
      account.answered + (point.ledger === 'what was billed' ? 1 : 0),
      point.ledger === 'what was reserved' ? 1 : 0,
    ]);
    for (const row of lost) {
      expect(row).toMatchObject({ model: MODEL, provider: 'openai', stream: point.stream, outcome: 'interrupted' });
      expect(row.usage.estimated).toBe(true);
      // At least what the provider may bill, and at most what was reserved: 50 tokens out, and every byte in.
      expect(row.costMicroDollars).toBeGreaterThanOrEqual(BILLED);
      expect(row.costMicroDollars).toBeLessThan(5_000);
    }
    await agree(database, survivor, account, rows);
  });
});

describe('a process that is killed while it sweeps', () => {
  /** Lets a process sweep until it is struck. */
  async function sweepUntilKilled(at: StoreMoment, account: Account, aheadMs: number): Promise<void> {
    const victim = await startProcess(aheadMs, 100);
    proxy.arm(at, account.id, victim.kill);
    await victim.ended;
  }

  it.each(SWEEP_POINTS)('when $name: the next one finishes, and nothing is counted twice', async ({ at, name }) => {
    const first = await startProcess();
    const account = await newAccount(first, true);
    for (let count = 0; count < 3; count++) await askWell(first, account);
    await killAt(REQUEST_POINTS[2] as KillPoint, first, account);
    const isErasure = name.includes('erased');
    if (isErasure) {
      const other = await startProcess();
      const response = await fetch(`${other.url}/v2/usage?user=ada`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${account.key}` },
      });
      expect(response.status).toBe(202);
      await other.close();
    }
    await sweepUntilKilled(at, account, 3 * HOUR_MS);
    // Two more, each later than the notes of the one before may be left alone.
    for (const minutes of [5, 10]) {
      const next = await startProcess(3 * HOUR_MS + minutes * 60_000, 100);
      await until(async () => (await isSettled(database, account)) && (await isClosed(database, account)));
      if (isErasure)
        await until(async () => (await eventsOf(database, account)).every(({ user }) => user === undefined));
      if (minutes < 10) {
        await next.close();
        continue;
      }
      const rows = await eventsOf(database, account);
      expect(rows.map(({ errorCode }) => errorCode).filter((code) => code === PROCESS_LOST)).toHaveLength(1);
      expect(rows).toHaveLength(account.answered + 1);
      await agree(database, next, account, rows);
      if (isErasure) {
        const path = `/v2/usage?account=${account.id}&groupBy=user`;
        await until(async () => (await asAdmin(next, 'GET', path)).groups.length === 0);
      }
      await next.close();
    }
  });
});
