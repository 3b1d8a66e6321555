import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CallLeases, LEASE_MS } from '../../lambda/coalescing/call-leases.ts';
import { followLease } from '../../lambda/coalescing/follow-lease.ts';
import { hotCallLeases } from '../../lambda/hot-tier/hot-call-leases.ts';
import { callLeasesStore } from '../../lambda/store/call-leases.ts';
import { localTableName } from '../../local/dynamo.ts';
import { memoryCallLeases } from '../../local/memory-call-leases.ts';
import { valkeyServer, WITH_VALKEY } from '../hot-tier/test-valkey.ts';
import { useValkey } from '../hot-tier/use-valkey.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
let nowMs = 1_900_000_000_000;
const valkey = useValkey();

const holder = (requestId = 'request') => ({ owner: randomUUID(), requestId });
const WINDOW_MS = 5_000;

const cold = () => callLeasesStore(database.client, localTableName('traffic'), () => nowMs);
const hot = () => hotCallLeases(cold(), valkey.tier);

describe.each([
  { name: 'in DynamoDB', make: cold, isSkipped: false },
  { name: 'in memory', make: () => memoryCallLeases(() => nowMs), isSkipped: false },
  { name: `told of by the hot tier (${WITH_VALKEY})`, make: hot, isSkipped: valkeyServer === undefined },
])('a lease on a call $name', ({ make, isSkipped }) => {
  const it = test.skipIf(isSkipped);
  let leases: CallLeases;
  beforeAll(() => {
    if (!isSkipped) leases = make();
  });

  it('is taken by one of many who try at once; the others learn whose it is', async () => {
    const fingerprint = randomUUID();
    const holders = Array.from({ length: 50 }, (_, index) => holder(`request ${index}`));
    const standings = await Promise.all(holders.map((one) => leases.take(fingerprint, one)));
    const first = standings.findIndex(({ state }) => state === 'leading');
    expect(standings.filter(({ state }) => state === 'leading')).toHaveLength(1);
    for (const standing of standings.filter(({ state }) => state !== 'leading')) {
      expect(standing).toEqual({ state: 'under way', leader: `request ${first}` });
    }
  });

  it("is still its holder's when the answer to the first try was lost", async () => {
    const fingerprint = randomUUID();
    const one = holder();
    await leases.take(fingerprint, one);
    expect(await leases.take(fingerprint, one)).toEqual({ state: 'leading' });
  });

  it('ends with the outcome, which is there for the window', async () => {
    const fingerprint = randomUUID();
    const one = holder('leader');
    await leases.take(fingerprint, one);
    await leases.finish(fingerprint, one.owner, { sealed: new Uint8Array([1, 2]), isFailure: false }, WINDOW_MS);
    const done = { state: 'done', leader: 'leader', owner: one.owner, sealed: new Uint8Array([1, 2]) };
    expect(await leases.look(fingerprint)).toEqual(done);
    expect(await leases.take(fingerprint, holder())).toEqual(done);
    nowMs += WINDOW_MS;
    expect(await leases.look(fingerprint)).toEqual({ state: 'free' });
    expect(await leases.take(fingerprint, holder('next'))).toEqual({ state: 'leading' });
    expect(await leases.look(fingerprint)).toEqual({ state: 'under way', leader: 'next' });
  });

  it('that ended in a failure tells those who wait, and is free for who comes', async () => {
    const fingerprint = randomUUID();
    const one = holder('leader');
    await leases.take(fingerprint, one);
    await leases.finish(fingerprint, one.owner, { sealed: new Uint8Array([9]), isFailure: true }, WINDOW_MS);
    expect((await leases.look(fingerprint)).state).toBe('done');
    expect(await leases.take(fingerprint, holder('next'))).toEqual({ state: 'leading' });
    expect(await leases.look(fingerprint)).toEqual({ state: 'under way', leader: 'next' });
  });

  it('whose outcome is of no use is taken after it, by one of those who ask', async () => {
    const fingerprint = randomUUID();
    const one = holder('leader');
    await leases.take(fingerprint, one);
    expect((await leases.take(fingerprint, holder(), one.owner)).state).toBe('under way');
    await leases.finish(fingerprint, one.owner, { sealed: new Uint8Array([1]), isFailure: false }, WINDOW_MS);
    expect((await leases.take(fingerprint, holder(), 'somebody')).state).toBe('done');
    const tries = await Promise.all(
      Array.from({ length: 20 }, () => leases.take(fingerprint, holder('heir'), one.owner)),
    );
    expect(tries.filter(({ state }) => state === 'leading')).toHaveLength(1);
    expect(tries.filter(({ state }) => state === 'under way')).toHaveLength(19);
  });

  it('of a holder that is silent goes to one other, and what the first then writes changes nothing', async () => {
    const fingerprint = randomUUID();
    const dead = holder();
    await leases.take(fingerprint, dead);
    nowMs += LEASE_MS;
    const tries = await Promise.all(Array.from({ length: 20 }, () => leases.take(fingerprint, holder('heir'))));
    expect(tries.filter(({ state }) => state === 'leading')).toHaveLength(1);
    await leases.finish(fingerprint, dead.owner, { sealed: new Uint8Array([1]), isFailure: false }, WINDOW_MS);
    await leases.renew(fingerprint, dead.owner);
    await leases.giveBack(fingerprint, dead.owner);
    expect(await leases.look(fingerprint)).toEqual({ state: 'under way', leader: 'heir' });
  });

  it('stands for as long as it is renewed', async () => {
    const fingerprint = randomUUID();
    const one = holder();
    await leases.take(fingerprint, one);
    nowMs += LEASE_MS - 1;
    await leases.renew(fingerprint, one.owner);
    nowMs += LEASE_MS - 1;
    expect((await leases.take(fingerprint, holder())).state).toBe('under way');
  });

  it('is free at once when it is given back', async () => {
    const fingerprint = randomUUID();
    const one = holder();
    await leases.take(fingerprint, one);
    await leases.giveBack(fingerprint, one.owner);
    expect(await leases.look(fingerprint)).toEqual({ state: 'free' });
  });
});

describe.skipIf(valkeyServer === undefined)(`who waits for a lease (${WITH_VALKEY})`, () => {
  test('hears of its end at once, not at the next look', async () => {
    const leases = hotCallLeases(callLeasesStore(database.client, localTableName('traffic'), Date.now), valkey.tier);
    const waited = Array.from({ length: 10 }, async () => {
      const fingerprint = randomUUID();
      const one = holder();
      await leases.take(fingerprint, one);
      const over = followLease(leases, fingerprint, holder(), new AbortController().signal).then(() =>
        performance.now(),
      );
      // By now looks are more than half a second apart.
      await pause(2_500);
      const endedAt = performance.now();
      await leases.finish(fingerprint, one.owner, { sealed: new Uint8Array([1]), isFailure: false }, WINDOW_MS);
      return (await over) - endedAt;
    });
    const meanMs = (await Promise.all(waited)).reduce((sum, ms) => sum + ms, 0) / waited.length;
    expect(meanMs).toBeLessThan(250);
  });
});
