import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { apiKeyId, hashApiKey } from '../../lambda/core/api-key.ts';
import { type AccountTerms, callerTerms } from '../../lambda/core/terms.ts';
import type { Account, Caller } from '../../lambda/ports.ts';
import { accountsStore } from '../../lambda/store/accounts.ts';
import { rememberCallers } from '../../lambda/store/caller-cache.ts';
import { keysStore } from '../../lambda/store/keys.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
let now = 1_000_000;
const clock = () => now;

const accounts = () => accountsStore(database.client, localTableName('accounts'), clock);
const keys = () => keysStore(database.client, localTableName('accounts'), configuration, clock);
const key = { role: 'caller' as const, label: '', terms: {} };

async function newAccount(id: string, terms: Partial<AccountTerms> = {}): Promise<Account> {
  const account = await accounts().create(id, { tier: 'pro', ...terms });
  if (!account) throw new Error('it is new');
  return account;
}

describe('the keys in the accounts table', () => {
  it('lead to their account, role and terms, by their whole hash alone', async () => {
    const hash = hashApiKey('one');
    await keys().put(hash, { ...key, role: 'admin', terms: { requestsPerMinute: 5 } }, await newAccount('acme'));
    expect(await keys().findCaller(hash)).toMatchObject({
      account: 'acme',
      role: 'admin',
      keyId: apiKeyId(hash),
      terms: { tier: 'pro', limits: { requestsPerMinute: 50 }, keyRequestsPerMinute: 5 },
    });
    expect(await keys().findCaller(`${hash.slice(0, -1)}0`)).toBeUndefined();
  });

  it('keep their item when they are put twice', async () => {
    const hash = hashApiKey('twice');
    await keys().put(hash, key, await newAccount('first'));
    await keys().put(hash, { ...key, role: 'admin' }, await newAccount('second'));
    expect(await keys().findCaller(hash)).toMatchObject({ account: 'first', role: 'caller' });
  });

  it('end when they expire, are revoked, or their account is suspended', async () => {
    const [expiring, revoked, suspended] = ['expiring', 'revoked', 'suspended'].map(hashApiKey) as [
      string,
      string,
      string,
    ];
    const account = await newAccount('ends');
    await keys().put(expiring, { ...key, expiresAtMs: now + 1_000 }, account);
    await keys().put(revoked, key, account);
    await keys().put(suspended, key, account);
    expect(await keys().findCaller(expiring)).toBeDefined();
    await keys().change(apiKeyId(revoked), () => ({ revokedAtMs: now }));
    now += 1_000;
    expect(await keys().findCaller(expiring)).toBeUndefined();
    expect(await keys().findCaller(revoked)).toBeUndefined();
    expect(await keys().findCaller(suspended)).toBeDefined();
    const changed = await accounts().change('ends', (terms) => ({ ...terms, isSuspended: true }));
    if (!changed) throw new Error('it is there');
    await keys().copyTerms(changed.after);
    expect(await keys().findCaller(suspended)).toBeUndefined();
  });
});

describe('a key', () => {
  it('keeps every one of several changes made at once', async () => {
    const hash = hashApiKey('changed');
    await keys().put(hash, key, await newAccount('changes'));
    await Promise.all([
      keys().change(apiKeyId(hash), () => ({ label: 'new' })),
      keys().change(apiKeyId(hash), ({ terms }) => ({ terms: { ...terms, requestsPerMinute: 3 } })),
      keys().change(apiKeyId(hash), ({ terms }) => ({ terms: { ...terms, allowedModels: ['openai/gpt-4o'] } })),
    ]);
    expect(await keys().find(apiKeyId(hash))).toMatchObject({
      label: 'new',
      terms: { requestsPerMinute: 3, allowedModels: ['openai/gpt-4o'] },
    });
  });
});

describe('an account', () => {
  it('is created once, and changed by many without one change being lost', async () => {
    await newAccount('busy', { tags: [] });
    expect(await accounts().create('busy', { tier: 'free' })).toBeUndefined();
    const add = (tag: string) =>
      accounts().change('busy', (terms) => ({ ...terms, tags: [...(terms.tags ?? []), tag] }));
    await Promise.all(['a', 'b', 'c'].map(add));
    expect((await accounts().find('busy'))?.terms.tags?.toSorted()).toEqual(['a', 'b', 'c']);
    expect((await accounts().find('busy'))?.revision).toBe(4);
  });

  it('never gives its keys older terms over newer ones', async () => {
    const hash = hashApiKey('ordered');
    const old = await newAccount('ordered');
    await keys().put(hash, key, old);
    const changed = await accounts().change('ordered', (terms) => ({ ...terms, tier: 'master' }));
    if (!changed) throw new Error('it is there');
    await keys().copyTerms(changed.after);
    await keys().copyTerms(old);
    expect((await keys().findCaller(hash))?.terms.tier).toBe('master');
  });
});

describe('remembered callers', () => {
  const caller: Caller = {
    account: 'a',
    keyId: 'k',
    role: 'caller',
    terms: callerTerms({ tier: 'free' }, {}, configuration.tiers, 'free'),
  };
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
