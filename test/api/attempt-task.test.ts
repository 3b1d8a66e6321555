import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { composeAttemptPorts } from '../../lambda/attempt/gateway.ts';
import { hashApiKey } from '../../lambda/core/api-key.ts';
import { requestId } from '../../lambda/core/request-id.ts';
import type { RequestSummary } from '../../lambda/ports.ts';
import { runsStore } from '../../lambda/store/runs.ts';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { notifyTask } from '../../lambda/webhook/notify-task.ts';
import { attemptTask } from '../../lambda/workflow/attempt-task.ts';
import { composeCallGateway } from '../../lambda/workflow/gateway.ts';
import { erasedRun } from '../../lambda/workflow/run.ts';
import type { RunOutput, RunPosition } from '../../lambda/workflow/run-ports.ts';
import { localTableName } from '../../local/dynamo.ts';
import { silentObserver } from '../../local/silent-observer.ts';
import { API_KEY, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { whole } from './scripted-provider.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

const good = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: 'Here.' }));

/** The task of the state machines around a provider, with a job of the tests' caller that waits to be run. */
async function start(answer: (response: ServerResponse, number: number) => void) {
  let calls = 0;
  const told: RequestSummary[] = [];
  const provider = await startProvider((_request, response) => {
    calls += 1;
    answer(response, calls);
  });
  const gateway = await startGatewayUnderTest();
  close.push(gateway.close, provider.close);
  const { openai } = configuration.providers;
  if (!openai) throw new Error('There is no provider openai.');
  const providers = { ...configuration.providers, openai: { ...openai, baseUrl: `${provider.url}/v1` } };
  const surroundings = {
    configuration: { ...configuration, providers },
    database: gateway.database,
    onceDatabase: gateway.database,
    tableName: localTableName,
    observer: { ...silentObserver, requestEnded: (summary: RequestSummary) => void told.push(summary) },
    aws: gateway.database.config,
  };
  const ports = composeAttemptPorts(composeCallGateway(surroundings, { find: async () => 'sk-key' }), surroundings);
  const caller = await gateway.admin.keys.findCaller(hashApiKey(API_KEY));
  if (!caller) throw new Error('The key of the tests is not known.');
  const id = requestId(Date.now(), randomUUID());
  const position: RunPosition = {
    kind: 'job',
    account: 'local',
    requestId: id,
    verdict: 'retry',
    waitSeconds: 0,
    restMs: 0,
    step: 0,
    round: 1,
    visit: 0,
  };
  const run = {
    requestId: id,
    startedAtMs: Date.now(),
    deadlineAtMs: Date.now() + 60_000,
    route: 'POST /v2/jobs',
    caller,
    wire: 'headgate',
    request: {
      model: undefined,
      stream: false,
      streamOptions: {},
      body: { messages: [{ role: 'user', content: 'hi' }] },
      maxTokens: undefined,
      options: {},
    },
    steps: [0, 1_000].map((waitMs) => ({ modelId: 'openai/gpt-4o', waitMs, timeoutMs: 5_000 })),
    planRoute: { requested: null, model: 'openai/gpt-4o', reason: 'default' as const },
    asked: 'openai/gpt-4o',
    progress: { attempts: 0 },
    keptUntilMs: Date.now() + 3_600_000,
  };
  await ports.runs.job.put(run);
  const take = (more: Partial<RunPosition> = {}) => attemptTask(ports, { ...position, ...more }, undefined);
  return { gateway, ports, run, position, take, told, calls: () => calls };
}

function composeRuns(database: DynamoDBDocumentClient, clock: () => number) {
  const runs = runsStore(database, localTableName('usage'), clock);
  return { chat: runs, job: runs };
}

describe("a state machine's task", () => {
  it('asked for twice at the same time makes one call, gives one answer, settles and tells of the job once', async () => {
    const { gateway, take, told, calls } = await start((response) => void setTimeout(() => good(response), 300));
    const outputs = await Promise.all([take(), take(), take()]);
    expect(outputs.map(({ verdict }: RunOutput) => verdict)).toEqual(['answered', 'answered', 'answered']);
    expect(calls()).toBe(1);
    expect(await take()).toEqual(outputs[0]);
    expect(calls()).toBe(1);
    expect(await gateway.events()).toMatchObject([{ outcome: 'answered', attempts: 1 }]);
    expect(told).toMatchObject([{ route: 'POST /v2/jobs', status: 200, event: { outcome: 'answered' } }]);
  });

  it('tells of a job that failed by the error of its last call', async () => {
    const { take, told } = await start((response) => response.writeHead(400).end('{}'));
    await take();
    expect(told).toMatchObject([{ status: 400, errorCode: 'provider_rejected', event: { outcome: 'failed' } }]);
  });

  it('says where the plan goes on, and carries what happened to the next step', async () => {
    const { gateway, take } = await start((response, number) =>
      number === 1 ? response.writeHead(500).end() : good(response),
    );
    const next = await take();
    expect(next).toMatchObject({ verdict: 'retry', step: 1, visit: 1, waitSeconds: 1 });
    expect(await take({ step: 1, visit: 1 })).toMatchObject({ verdict: 'answered' });
    expect(await gateway.events()).toMatchObject([{ attempts: 2, attemptLog: [{ error: 'provider_failed' }, {}] }]);
  });

  it('makes at most one more call when the process that had the step died', async () => {
    const { ports, run, position, take, calls } = await start(good);
    await ports.runs.job.claim(run, position, 700);
    expect(await take()).toMatchObject({ verdict: 'answered' });
    expect(calls()).toBe(1);
  });

  it('leaves a row for a chat whose waiting process is lost, until that one writes its own', async () => {
    const { gateway, ports, run, take } = await start(good);
    const { account, key } = await gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 1 } });
    const caller = await gateway.admin.keys.findCaller(hashApiKey(key));
    await ports.runs.chat.put({ ...run, ...(caller ? { caller } : {}) });
    expect(await take({ kind: 'chat', account })).toMatchObject({ verdict: 'answered' });
    const [row] = await gateway.events(account);
    expect(row).toMatchObject({ requestId: run.requestId, outcome: 'interrupted', errorCode: 'process_lost' });
    const day = new Date().toISOString().slice(0, 10);
    expect(await ports.budgets.reapDay(account, day)).toEqual({ reaped: 0, spent: row?.costMicroDollars });
    const { errorCode: _, ...own } = row as NonNullable<typeof row>;
    await usageEventsStore(gateway.database, localTableName('usage'), 400).record({ ...own, outcome: 'answered' });
    expect((await gateway.events(account)).map(({ outcome }) => outcome)).toEqual(['answered']);
  });

  it('settles a job whose process died between its result and its settlement', async () => {
    const { gateway, ports, position, told, calls } = await start(good);
    const died = { ...ports, settleJob: () => Promise.reject(new Error('killed')) };
    await expect(attemptTask(died, position, undefined)).rejects.toThrow('killed');
    expect(await gateway.events()).toEqual([]);
    // The lease of the process that died ends after its deadline: for a process whose clock is there, it has.
    const late = composeRuns(gateway.database, () => Date.now() + 120_000);
    expect(await attemptTask({ ...ports, runs: late }, position, undefined)).toMatchObject({ verdict: 'answered' });
    expect(calls()).toBe(1);
    expect(await gateway.events()).toMatchObject([{ outcome: 'answered', attempts: 1 }]);
    expect(told).toHaveLength(1);
  });

  it('ends a job whose end user was erased, with an event of nobody and no word to its webhook', async () => {
    const { gateway, ports, run, take, told, calls } = await start((response) => response.writeHead(503).end());
    const ofAda = {
      ...run,
      webhook: 'https://hooks.example.com/',
      request: { ...run.request, options: { user: 'ada' } },
    };
    await ports.runs.job.remove('local', run.requestId);
    await ports.runs.job.put(ofAda);
    await take();
    const progress = await ports.runs.job.progress('local', run.requestId);
    await ports.runs.job.remove('local', run.requestId);
    await ports.runs.job.put(erasedRun(ofAda, progress ?? run.progress));
    const output = await take({ step: 1, visit: 1 });
    expect(output).toMatchObject({ verdict: 'erased', notify: false });
    expect(await take({ step: 1, visit: 1 })).toEqual(output);
    expect(calls()).toBe(1);
    const [event, ...more] = await gateway.events();
    expect(event).toMatchObject({ outcome: 'client_closed', attempts: 1, keyId: run.caller.keyId });
    expect([more, JSON.stringify(event).includes('ada')]).toEqual([[], false]);
    expect(told).toMatchObject([{ status: 499, errorCode: 'client_closed' }]);

    const sent: string[] = [];
    const notifying = {
      ...{ ...ports, accounts: gateway.admin.accounts, jobRuns: ports.runs.job },
      send: async (url: URL) => void sent.push(url.href),
    };
    expect(await notifyTask(notifying, output)).toEqual(output);
    await ports.runs.job.remove('local', run.requestId);
    expect(await notifyTask(notifying, output)).toEqual(output);
    expect(await take({ step: 1, visit: 1 })).toEqual(output);
    expect(sent).toEqual([]);
  });

  it('makes no call for a key that has been revoked since', async () => {
    const { gateway, take, calls } = await start(good);
    const [key] = (await gateway.admin.keys.ofAccount('local')).filter(({ role }) => role === 'caller');
    await gateway.admin.keys.change(key?.id ?? '', () => ({ revokedAtMs: Date.now() }));
    expect(await take()).toMatchObject({ verdict: 'failed' });
    expect(calls()).toBe(0);
  });
});
