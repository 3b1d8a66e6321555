import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { HotTier } from '../../lambda/hot-tier/hot-tier.ts';
import { type ValkeyAddress, valkeyHotTier } from '../../lambda/hot-tier/valkey.ts';
import { eventually } from '../api/gateway-under-test.ts';
import { startTestValkey, type TestValkey, valkeyServer, WITH_VALKEY } from './test-valkey.ts';
import { isReady } from './use-valkey.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one();
});

async function start(credentials?: ValkeyAddress['credentials']): Promise<{ server: TestValkey; tier: HotTier }> {
  const server = await startTestValkey();
  close.push(server.close);
  const tier = valkeyHotTier({ url: server.url, ...(credentials ? { credentials } : {}) }, Date.now);
  close.push(tier.close);
  return { server, tier };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe.skipIf(valkeyServer === undefined)(`the hot tier on Valkey (${WITH_VALKEY})`, () => {
  it('keeps bytes as they are, for as long as it was told, and removes them', async () => {
    const { tier } = await start();
    await isReady(tier);
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await tier.get('a')).toBeUndefined();
    expect(await tier.set('a', value, 60_000)).toBe(true);
    expect(new Uint8Array((await tier.get('a')) ?? [])).toEqual(value);
    expect(await tier.delete(['a', 'b'])).toBe(true);
    expect(await tier.get('a')).toBeUndefined();
    await tier.set('short', value, 100);
    await pause(150);
    expect(await tier.get('short')).toBeUndefined();
  });

  it('tells all who listen, and not who has stopped', async () => {
    const { server, tier } = await start();
    const other = valkeyHotTier({ url: server.url }, Date.now);
    close.push(other.close);
    await Promise.all([isReady(tier), isReady(other)]);
    const heard: string[] = [];
    const channel = randomUUID();
    const stop = await eventually(() => {
      const ends = other.listen(channel, () => heard.push('one'));
      return ends;
    });
    other.listen(channel, () => heard.push('two'));
    await pause(50);
    tier.tell(channel);
    await eventually(() => (heard.length === 2 ? true : undefined));
    stop();
    await pause(50);
    tier.tell(channel);
    await eventually(() => (heard.length === 3 ? true : undefined));
    expect(heard.toSorted()).toEqual(['one', 'two', 'two']);
  });

  it('has nothing while the server is away, without anybody waiting, and comes back by itself', async () => {
    const { server, tier } = await start();
    await isReady(tier);
    await tier.set('a', bytes('x'), 60_000);
    await server.close();
    await pause(50);
    const startedAt = performance.now();
    expect([await tier.get('a'), await tier.set('b', bytes('x'), 60_000), await tier.delete(['a'])]).toEqual([
      undefined,
      false,
      false,
    ]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await expect(tier.check()).rejects.toThrow();
    const again = await startTestValkey(server.port);
    close.push(again.close);
    await eventually(async () => ((await tier.set('c', bytes('x'), 60_000)) ? true : undefined));
  });

  it('is not waited for when it hangs: 20 ms once, then nothing for a second', async () => {
    const { server, tier } = await start();
    await isReady(tier);
    server.freeze();
    const startedAt = performance.now();
    expect(await tier.get('a')).toBeUndefined();
    const first = performance.now() - startedAt;
    for (let count = 0; count < 100; count++) await tier.get('a');
    const all = performance.now() - startedAt;
    await expect(tier.check()).rejects.toThrow();
    server.thaw();
    expect(first).toBeGreaterThanOrEqual(15);
    expect(all).toBeLessThan(500);
    await eventually(async () => ((await tier.set('c', bytes('x'), 60_000)) ? true : undefined));
  });

  it('asks for credentials before each connection', async () => {
    const server = await startTestValkey();
    close.push(server.close);
    const admin = await createClient({ url: server.url }).connect();
    close.push(async () => admin.destroy());
    let given = 0;
    const credentials = async () => {
      given += 1;
      const password = `token-${given}`;
      // As a signed token, it opens once.
      await admin.sendCommand([
        'ACL',
        'SETUSER',
        'default.iam-user',
        'on',
        'resetpass',
        `>${password}`,
        '~*',
        '&*',
        '+@all',
      ]);
      return { username: 'default.iam-user', password };
    };
    const tier = valkeyHotTier({ url: server.url, credentials }, Date.now);
    close.push(tier.close);
    await isReady(tier);
    await eventually(() => (given >= 2 ? true : undefined));
    await eventually(async () => ((await tier.set('a', bytes('x'), 60_000)) ? true : undefined));
    const before = given;
    await admin.sendCommand(['CLIENT', 'KILL', 'USER', 'default.iam-user']);
    await eventually(async () => ((await tier.get('a')) ? true : undefined));
    expect(given).toBeGreaterThan(before);
  });
});
