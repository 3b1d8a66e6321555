import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashApiKey } from '../../lambda/core/api-key.ts';
import type { Caller } from '../../lambda/ports.ts';
import { accountsStore } from '../../lambda/store/accounts.ts';
import { rememberCallers } from '../../lambda/store/caller-cache.ts';
import { createTables, type EmbeddedDynamo, embeddedClient, localTableName, startDynamo } from '../../local/dynamo.ts';

let dynamo: EmbeddedDynamo;
let client: DynamoDBDocumentClient;
let now = 1_000_000;
const clock = () => now;

beforeAll(async () => {
  dynamo = await startDynamo(undefined);
  client = embeddedClient(dynamo.endpoint);
  await createTables(client);
});
afterAll(async () => {
  client.destroy();
  await dynamo.close();
});

const store = () => accountsStore(client, localTableName('accounts'), clock);

describe('the keys in the accounts table', () => {
  it('lead to their account and role, by their hash alone', async () => {
    const hash = hashApiKey('one');
    await store().putKey(hash, { account: 'acme', role: 'admin', label: 'first' });
    expect(await store().findCaller(hash)).toEqual({
      account: 'acme',
      role: 'admin',
      keyId: `key_${hash.slice(0, 16)}`,
    });
    expect(await store().findCaller(hash.slice(0, -1))).toBeUndefined();
  });

  it('keep their item when they are put twice', async () => {
    const hash = hashApiKey('twice');
    await store().putKey(hash, { account: 'acme', role: 'caller', label: '' });
    await store().putKey(hash, { account: 'other', role: 'admin', label: '' });
    expect(await store().findCaller(hash)).toMatchObject({ account: 'acme', role: 'caller' });
  });

  it('end when they expire or are revoked', async () => {
    const [expiring, revoked] = [hashApiKey('expiring'), hashApiKey('revoked')];
    await store().putKey(expiring, { account: 'a', role: 'caller', label: '', expiresAtMs: now + 1_000 });
    await store().putKey(revoked, { account: 'a', role: 'caller', label: '' });
    expect(await store().findCaller(expiring)).toBeDefined();
    expect(await store().revokeKey(revoked)).toBe(true);
    expect(await store().revokeKey(hashApiKey('nobody'))).toBe(false);
    now += 1_000;
    expect(await store().findCaller(expiring)).toBeUndefined();
    expect(await store().findCaller(revoked)).toBeUndefined();
  });
});

describe('remembered callers', () => {
  const caller: Caller = { account: 'a', keyId: 'k', role: 'caller' };
  const counting = (answer: () => Promise<Caller | undefined>) => {
    let reads = 0;
    const callers = rememberCallers(
      {
        find: () => {
          reads += 1;
          return answer();
        },
      },
      clock,
    );
    return { callers, reads: () => reads };
  };

  it('cost one read for many requests, and are read again before 5 s have passed', async () => {
    const { callers, reads } = counting(async () => caller);
    await Promise.all(Array.from({ length: 50 }, () => callers.find('h')));
    expect(reads()).toBe(1);
    now += 3_999;
    await callers.find('h');
    expect(reads()).toBe(1);
    now += 1;
    await callers.find('h');
    expect(reads()).toBe(2);
  });

  it('never include the unknown, nor a failed read', async () => {
    const unknown = counting(async () => undefined);
    await unknown.callers.find('h');
    await unknown.callers.find('h');
    expect(unknown.reads()).toBe(2);
    const failing = counting(() => Promise.reject(new Error('down')));
    await expect(failing.callers.find('h')).rejects.toThrow('down');
    await expect(failing.callers.find('h')).rejects.toThrow('down');
    expect(failing.reads()).toBe(2);
  });
});
