import { beforeEach, describe, expect, it } from 'vitest';
import type { CacheScope } from '../../lambda/core/fingerprint.ts';
import { ofLengthOne } from '../../lambda/embedding/embedder.ts';
import type { CachedAnswer } from '../../lambda/kept-answers.ts';
import { responseCacheStore } from '../../lambda/store/response-cache.ts';
import { scanIndexStore } from '../../lambda/store/scan-index.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
let nowMs = 1_000_000;
let account = 0;
beforeEach(() => {
  account += 1;
});

const clock = () => nowMs;
const cache = () => responseCacheStore(database.client, localTableName('responses'), clock);
const index = (maximumEntries = 100) =>
  scanIndexStore(database.client, localTableName('responses'), clock, maximumEntries);
const scope = (): CacheScope => ({ kind: 'account', account: `account ${account}` });
const owner = () => ({ account: `account ${account}` });
const neighbourhood = () => `neighbourhood ${account}`;

const answer = (): CachedAnswer =>
  ({ text: '{}', facts: {}, usage: {}, costMicroDollars: 1, storedAtMs: nowMs }) as unknown as CachedAnswer;

const pointing = (x: number, y: number) => ofLengthOne([x, y, 0, 0]);

async function keep(fingerprint: string, vector: Float32Array, more: { embedder?: string; ttlSeconds?: number } = {}) {
  const { embedder = 'e', ttlSeconds = 60 } = more;
  nowMs += 1;
  const near = {
    embedder,
    neighbourhood: neighbourhood(),
    prompt: `prompt of ${fingerprint}`,
    vector,
    isIndexed: false,
  };
  await cache().keep(scope(), fingerprint, answer(), { ttlSeconds, tags: [], near });
}

const found = async (store = index(), count = 8) =>
  (await store.nearest('e', neighbourhood(), pointing(1, 0), count)).map(({ fingerprint }) => fingerprint);

describe('the scan index', () => {
  it('finds the nearest first, with their prompts and cosines', async () => {
    await keep('far', pointing(0, 1));
    await keep('near', pointing(1, 0.1));
    await keep('middle', pointing(1, 1));
    const [first, ...others] = await index().nearest('e', neighbourhood(), pointing(1, 0), 2);
    expect(first).toEqual({ fingerprint: 'near', prompt: 'prompt of near', likeness: expect.closeTo(0.995, 2) });
    expect(others.map(({ fingerprint }) => fingerprint)).toEqual(['middle']);
  });

  it('sees what another process adds after its first look', async () => {
    const store = index();
    expect(await found(store)).toEqual([]);
    await keep('one', pointing(1, 0));
    expect(await found(store)).toEqual(['one']);
    await keep('two', pointing(1, 0.5));
    expect(await found(store)).toEqual(['one', 'two']);
  });

  it('has the newest only, when there are more than it may hold', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await keep(name, pointing(1, 0));
    expect((await found(index(2))).sort()).toEqual(['c', 'd']);
    const store = index(2);
    await found(store);
    await keep('e', pointing(1, 0));
    expect((await found(store)).sort()).toEqual(['d', 'e']);
  });

  it('keeps neighbourhoods and embedders apart', async () => {
    await keep('mine', pointing(1, 0), { embedder: 'another' });
    expect(await found()).toEqual([]);
    await keep('here', pointing(1, 0));
    account += 1;
    expect(await found()).toEqual([]);
  });

  it('serves nothing that has expired, whether or not it is still there', async () => {
    const store = index();
    await keep('short', pointing(1, 0), { ttlSeconds: 1 });
    expect(await found(store)).toEqual(['short']);
    nowMs += 5_000;
    expect([await found(store), await found()]).toEqual([[], []]);
  });

  it('forgets what it is told is gone', async () => {
    const store = index();
    await keep('gone', pointing(1, 0));
    await found(store);
    store.forget('e', neighbourhood(), 'gone');
    expect(await found(store)).toEqual([]);
  });

  it('loses an entry with its answer', async () => {
    await keep('kept', pointing(1, 0));
    await cache().remove(owner(), ['kept']);
    expect(await found()).toEqual([]);
  });

  it('has one entry for an answer that is kept again', async () => {
    await keep('again', pointing(1, 0));
    await keep('again', pointing(0, 1));
    expect(await found()).toEqual(['again']);
    const [entry] = await index().nearest('e', neighbourhood(), pointing(0, 1), 1);
    expect(entry?.likeness).toBeCloseTo(1, 2);
  });

  it('reads once for all who look at the same time', async () => {
    await keep('one', pointing(1, 0));
    const store = index();
    expect(await Promise.all(Array.from({ length: 20 }, () => found(store)))).toEqual(Array(20).fill(['one']));
  });
});

describe('kept answers as their account sees them', () => {
  it('are listed page by page, and shown with question and answer', async () => {
    await keep('a', pointing(1, 0));
    await cache().keep(scope(), 'b', answer(), { ttlSeconds: 60, tags: ['t'], user: 'ada' });
    const { entries, next } = await cache().page(owner(), {}, undefined);
    expect(next).toBeUndefined();
    expect(entries).toMatchObject([
      { fingerprint: 'a', isSemantic: true, tags: [] },
      { fingerprint: 'b', isSemantic: false, tags: ['t'], user: 'ada' },
    ]);
    expect((await cache().page(owner(), { user: 'ada' }, undefined)).entries).toHaveLength(1);
    expect((await cache().page(owner(), {}, 'a')).entries.map(({ fingerprint }) => fingerprint)).toEqual(['b']);
    expect(await cache().inspect(owner(), 'a')).toMatchObject({ prompt: 'prompt of a', answer: { text: '{}' } });
    expect(await cache().inspect(owner(), 'nothing')).toBeUndefined();
  });
});
