import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { circuit as policy } from '../../config/retry.ts';
import { circuitState, NEW_CIRCUIT } from '../../lambda/core/circuit.ts';
import { circuitsStore } from '../../lambda/store/circuits.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo({ maxAttempts: 1 });
let models = 0;

/** Some processes with one clock between them, and a model that nobody has called yet. */
function start(processes: number) {
  models += 1;
  const model = `p/model-${models}`;
  let now = Date.parse('2026-11-24T12:00:00Z') + models * 3_600_000;
  let writes = 0;
  const counting = {
    send: (command: never) => {
      if ((command as object).constructor.name !== 'QueryCommand') writes += 1;
      return database.client.send(command);
    },
  } as DynamoDBDocumentClient;
  const all = Array.from({ length: processes }, () =>
    circuitsStore(counting, localTableName('traffic'), policy, () => now),
  );
  return {
    model,
    all: all as [(typeof all)[0], ...typeof all],
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    writes: () => writes,
    stateFor: async (one: (typeof all)[0]) => circuitState((await one.look()).get(model) ?? NEW_CIRCUIT, now),
  };
}

describe('the circuit of a model, for all processes', () => {
  it('opens once five calls have failed in ten seconds, wherever they were made, and is told once', async () => {
    const { all, model, pass, stateFor } = start(5);
    const opened: boolean[] = [];
    for (const one of all) {
      opened.push((await one.failed(model, 'provider_failed', false)).isOpened);
      pass(1_000);
    }
    expect(opened).toEqual([false, false, false, false, true]);
    pass(2_000);
    for (const one of all) expect(await stateFor(one)).toBe('open');
  });

  it('stays closed when they come more slowly', async () => {
    const { all, model, pass } = start(2);
    for (let failure = 0; failure < 12; failure++) {
      expect((await (all[failure % 2] ?? all[0]).failed(model, 'provider_failed', false)).isOpened).toBe(false);
      pass(2_501);
    }
  });

  it('lets one probe through every five seconds, over all processes, and closes with the first that succeeds', async () => {
    const { all, model, pass, stateFor } = start(4);
    const [first] = all;
    for (let failure = 0; failure < 5; failure++) await first.failed(model, 'provider_failed', false);
    const probes: number[] = [];
    for (let tick = 0; tick < 26; tick++) {
      pass(1_000);
      await Promise.all(all.map((one) => one.look()));
      const taken = await Promise.all(all.map((one) => one.takeProbe(model)));
      const winner = all[taken.indexOf(true)];
      probes.push(taken.filter(Boolean).length);
      if (winner && tick < 20) await winner.failed(model, 'provider_failed', true);
      else if (winner) expect((await winner.succeeded(model, true)).isClosed).toBe(true);
    }
    expect(Math.max(...probes)).toBe(1);
    for (let end = 5; end <= probes.length; end++) {
      expect(probes.slice(end - 5, end).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1);
    }
    pass(2_000);
    for (const one of all) expect(await stateFor(one)).toBe('closed');
    expect((await first.failed(model, 'provider_failed', false)).isOpened).toBe(false);
  });

  it('lets the next probe through when one has not ended, once its lease has', async () => {
    const { all, model, pass } = start(2);
    const [first, second = first] = all;
    for (let failure = 0; failure < 5; failure++) await first.failed(model, 'provider_failed', false);
    pass(5_000);
    await Promise.all(all.map((one) => one.look()));
    expect(await first.takeProbe(model)).toBe(true);
    pass(policy.probeLeaseMs - 1);
    await second.look();
    expect(await second.takeProbe(model)).toBe(false);
    pass(2_001);
    await second.look();
    expect(await second.takeProbe(model)).toBe(true);
  });

  it('stays closed when a call that began earlier succeeds late, and opens for no success', async () => {
    const { all, model } = start(1);
    const [only] = all;
    for (let failure = 0; failure < 5; failure++) await only.failed(model, 'provider_failed', false);
    expect((await only.succeeded(model, false)).isClosed).toBe(false);
  });

  it('costs one write in ten seconds for any number of successes, which count for the share of failures', async () => {
    const { all, model, pass, writes } = start(1);
    const [only] = all;
    for (let success = 0; success < 300; success++) {
      await only.succeeded(model, false);
      pass(100);
    }
    expect(writes()).toBe(2);
    const before = writes();
    for (let failure = 0; failure < 20; failure++) {
      expect((await only.failed(model, 'provider_failed', false)).isOpened).toBe(false);
    }
    expect(writes() - before).toBe(20);
  });

  it('is closed as far as anybody knows while the store is down', async () => {
    const down = {
      send: () => Promise.reject(new Error('down')),
    } as Partial<DynamoDBDocumentClient> as DynamoDBDocumentClient;
    expect(await circuitsStore(down, 'traffic', policy, Date.now).look()).toEqual(new Map());
  });
});
