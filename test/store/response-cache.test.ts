import { randomUUID } from 'node:crypto';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CacheScope } from '../../lambda/core/fingerprint.ts';
import { estimatedUsage } from '../../lambda/core/usage.ts';
import { hotResponseCache } from '../../lambda/hot-tier/hot-response-cache.ts';
import type { HotTier } from '../../lambda/hot-tier/hot-tier.ts';
import type { CachedAnswer, ResponseCache } from '../../lambda/kept-answers.ts';
import { responseCacheStore } from '../../lambda/store/response-cache.ts';
import { localTableName } from '../../local/dynamo.ts';
import { valkeyServer, WITH_VALKEY } from '../hot-tier/test-valkey.ts';
import { useValkey } from '../hot-tier/use-valkey.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
const valkey = useValkey();

const aheadMs = 0;
const clock = () => Date.now() + aheadMs;

const answer = (text = '{"choices":[]}'): CachedAnswer => ({
  text,
  facts: { finishReason: 'stop', outputCharacters: 4 } as CachedAnswer['facts'],
  usage: estimatedUsage(3, 4),
  costMicroDollars: 12,
  storedAtMs: clock(),
});
const scope = (): CacheScope & { account: string } => ({ kind: 'account', account: randomUUID() });
const OPTIONS = { ttlSeconds: 60, tags: ['winter'], user: 'ada' };

const cold = () => responseCacheStore(database.client, localTableName('responses'), clock);
const hot = () => hotResponseCache(cold(), valkey.tier, clock);

describe.each([
  { name: 'in DynamoDB', make: cold, isSkipped: false },
  { name: `with a hot tier (${WITH_VALKEY})`, make: hot, isSkipped: valkeyServer === undefined },
])('the response cache $name', ({ make, isSkipped }) => {
  const it = test.skipIf(isSkipped);
  let cache: ResponseCache;
  beforeAll(() => {
    if (!isSkipped) cache = make();
  });

  it('finds what was kept in a scope, as it was, and nothing in another', async () => {
    const one = scope();
    const kept = answer();
    expect(await cache.find(one, 'f')).toBeUndefined();
    expect(await cache.keep(one, 'f', kept, OPTIONS)).toBe(true);
    expect(await cache.find(one, 'f')).toEqual(kept);
    expect(await cache.find(scope(), 'f')).toBeUndefined();
    expect(await cache.find(one, 'g')).toBeUndefined();
  });

  it('has the newest of two', async () => {
    const one = scope();
    await cache.keep(one, 'f', answer('{"choices":[1]}'), OPTIONS);
    await cache.keep(one, 'f', answer('{"choices":[2]}'), OPTIONS);
    expect((await cache.find(one, 'f'))?.text).toBe('{"choices":[2]}');
  });

  it('lists and removes by fingerprint, tag and end user, of one owner only', async () => {
    const one = scope();
    const other = scope();
    for (const owner of [one, other]) {
      await cache.keep(owner, 'a', answer(), OPTIONS);
      await cache.keep(owner, 'b', answer(), { ttlSeconds: 60, tags: [], user: 'bob' });
    }
    const list = async (which = {}) => (await cache.list(one, which)).toSorted();
    expect([await list({ tag: 'winter' }), await list({ user: 'bob' }), await list({ fingerprint: 'b' })]).toEqual([
      ['a'],
      ['b'],
      ['b'],
    ]);
    await cache.remove(one, await list({ tag: 'winter' }));
    expect([await cache.find(one, 'a'), await list()]).toEqual([undefined, ['b']]);
    expect((await cache.list(other, {})).toSorted()).toEqual(['a', 'b']);
    expect(await cache.find(other, 'a')).toBeDefined();
  });

  it('leaves out what is too large, and says so', async () => {
    let noise = '';
    while (noise.length < 900_000) noise += Math.random().toString(36).slice(2);
    const one = scope();
    expect(await cache.keep(one, 'f', answer(noise), OPTIONS)).toBe(false);
    expect(await cache.find(one, 'f')).toBeUndefined();
  });
});

describe.skipIf(valkeyServer === undefined)(`an answer in the hot tier (${WITH_VALKEY})`, () => {
  const forget = (owner: { account: string }, fingerprint: string) =>
    database.client.send(
      new DeleteCommand({
        TableName: localTableName('responses'),
        Key: { pk: `cache#account#${owner.account}`, sk: fingerprint },
      }),
    );

  test('is served from there without asking DynamoDB', async () => {
    const one = scope();
    const kept = answer();
    await hot().keep(one, 'f', kept, OPTIONS);
    await forget(one, 'f');
    expect(await hot().find(one, 'f')).toEqual(kept);
  });

  test('that is corrupt is none: DynamoDB has it', async () => {
    const one = scope();
    const kept = answer();
    await hot().keep(one, 'f', kept, OPTIONS);
    await valkey.tier.set(`headgate:answer:1:cache#account#${one.account}#f`, new Uint8Array([1, 2, 3]), 60_000);
    expect(await hot().find(one, 'f')).toEqual(kept);
  });

  test('expires with what is kept', async () => {
    const one = scope();
    await hot().keep(one, 'f', { ...answer(), storedAtMs: clock() - 59_900 }, OPTIONS);
    await forget(one, 'f');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await hot().find(one, 'f')).toBeUndefined();
  });

  test('is not called removed while the hot tier does not say so, and can be removed then', async () => {
    const one = scope();
    await hot().keep(one, 'f', answer(), OPTIONS);
    const away: HotTier = { ...valkey.tier, delete: async () => false };
    const cache = hotResponseCache(cold(), away, clock);
    await expect(cache.remove(one, ['f'])).rejects.toThrow();
    expect(await hot().list(one, {})).toEqual(['f']);
    await hot().remove(one, ['f']);
    expect(await hot().find(one, 'f')).toBeUndefined();
  });

  test('that could not be kept is not served either', async () => {
    const one = scope();
    const failing: ResponseCache = { ...cold(), keep: () => Promise.reject(new Error('throttled')) };
    await expect(hotResponseCache(failing, valkey.tier, clock).keep(one, 'f', answer(), OPTIONS)).rejects.toThrow();
    expect(await hot().find(one, 'f')).toBeUndefined();
  });
});
