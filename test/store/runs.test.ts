import { randomBytes, randomUUID } from 'node:crypto';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { callerTerms } from '../../lambda/core/terms.ts';
import { runsStore } from '../../lambda/store/runs.ts';
import type { StoredResult, StoredRun } from '../../lambda/workflow/run.ts';
import type { RunOutput, RunPosition } from '../../lambda/workflow/run-ports.ts';
import { embeddedClient, localTableName } from '../../local/dynamo.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
const terms = callerTerms({ tier: 'none' }, {}, { none: {} }, 'none');
const LATER_MS = Date.now() + 3_600_000;

function newRun(prompt = 'hi'): StoredRun {
  return {
    requestId: randomUUID(),
    startedAtMs: Date.now(),
    deadlineAtMs: LATER_MS,
    route: 'POST /v2/chat',
    caller: { account: 'a', keyId: 'k', role: 'caller', terms },
    wire: 'headgate',
    request: {
      model: undefined,
      stream: false,
      streamOptions: {},
      body: { messages: [{ role: 'user', content: prompt }] },
      maxTokens: undefined,
      options: {},
    },
    steps: [{ modelId: 'p/m', waitMs: 0, timeoutMs: 1 }],
    planRoute: { requested: null, model: 'p/m', reason: 'default' },
    asked: 'p/m',
    progress: { attempts: 1 },
    keptUntilMs: LATER_MS,
  };
}

const positionOf = ({ requestId }: StoredRun, visit = 0): RunPosition => ({
  kind: 'chat',
  account: 'a',
  requestId,
  verdict: 'retry',
  waitSeconds: 0,
  restMs: 0,
  step: 0,
  round: 1,
  visit,
});

async function kept(run: StoredRun) {
  const runs = runsStore(database.client, localTableName('traffic'), Date.now);
  await runs.put(run);
  return runs;
}

describe('a stored run', () => {
  it('comes back as it was, also when it is larger than an item may be', async () => {
    for (const prompt of ['hi', randomBytes(1_500_000).toString('base64')]) {
      const run = newRun(prompt);
      const runs = await kept(run);
      expect(await runs.find('a', run.requestId)).toEqual(run);
      expect(await runs.find('b', run.requestId)).toBeUndefined();
    }
  });

  it('gives a step to one process, and its outcome to every other', async () => {
    const run = newRun();
    const runs = await kept(run);
    const first = await runs.claim(run, positionOf(run), 10_000);
    if (!('owner' in first)) throw new Error('It was not claimed.');
    expect(first.progress).toEqual({ attempts: 1 });
    const second = runs.claim(run, positionOf(run), 10_000);
    const output: RunOutput = { ...positionOf(run, 1), waitSeconds: 3 };
    await runs.finish(positionOf(run), first.owner, output, { attempts: 2 });
    expect(await second).toEqual({ output });
    expect(await runs.claim(run, positionOf(run, 1), 10_000)).toMatchObject({ progress: { attempts: 2 } });
  });

  it('gives a step to another process once the lease has ended, and ignores what the first brings late', async () => {
    const run = newRun();
    const runs = await kept(run);
    const first = await runs.claim(run, positionOf(run), 0);
    const second = await runs.claim(run, positionOf(run), 10_000);
    if (!('owner' in first && 'owner' in second)) throw new Error('It was not claimed.');
    const late: RunOutput = { ...positionOf(run, 1), waitSeconds: 1 };
    await runs.finish(positionOf(run), first.owner, late, { attempts: 7 });
    expect(await runs.progress('a', run.requestId)).toBeUndefined();
  });

  it('is not taken for a claim of others when the answer to the claim is lost', async () => {
    const run = newRun();
    await kept(run);
    const proxy = await startFaultProxy(database.dynamo.endpoint);
    const impatient = embeddedClient(proxy.endpoint, { maxAttempts: 2 });
    proxy.set('lose the answer', 'UpdateItem', 1);
    const claim = await runsStore(impatient, localTableName('traffic'), Date.now).claim(run, positionOf(run), 60_000);
    expect(claim).toMatchObject({ owner: expect.any(String) });
    impatient.destroy();
    await proxy.close();
  });

  it('is gone once it has expired, although DynamoDB still has it', async () => {
    const run = { ...newRun(), keptUntilMs: Date.now() - 1_000 };
    const runs = await kept(run);
    expect(await runs.find('a', run.requestId)).toBeUndefined();
  });

  it('is removed with every part of it', async () => {
    const run = newRun(randomBytes(1_500_000).toString('base64'));
    const runs = await kept(run);
    await runs.claim(run, positionOf(run), 0);
    const itemsOf = async () => {
      let items = 0;
      const scan = { TableName: localTableName('traffic'), ConsistentRead: true };
      for await (const { Items = [] } of paginateScan({ client: database.client }, scan)) {
        items += Items.filter(({ pk }) => String(pk).includes(run.requestId)).length;
      }
      return items;
    };
    expect(await itemsOf()).toBeGreaterThan(4);
    expect(await runs.remove('a', run.requestId)).toBe(true);
    expect([await itemsOf(), await runs.remove('a', run.requestId)]).toEqual([0, false]);
  });

  it('has one result, the first', async () => {
    const run = newRun();
    const runs = await kept(run);
    const result = (code: 'provider_failed' | 'internal_error'): StoredResult => ({
      progress: { attempts: 1 },
      endedAtMs: 1,
      costMicroDollars: 0,
      failure: { code, message: 'x', status: 502 },
    });
    expect(await runs.putResult(run, result('provider_failed'))).toBe(true);
    expect(await runs.putResult(run, result('internal_error'))).toBe(false);
    expect(await runs.result('a', run.requestId)).toEqual(result('provider_failed'));
  });
});
