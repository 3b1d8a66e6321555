import { setTimeout as pause } from 'node:timers/promises';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { localTableName } from '../../local/dynamo.ts';
import {
  type Answer,
  askAndLeave,
  askOf,
  cacheOf,
  contentOf,
  items,
  numbered,
  startCoalescing as start,
  times,
} from './coalescing-gateway.ts';
import { bodyOf, eventually } from './gateway-under-test.ts';
import { whole } from './scripted-provider.ts';

describe('requests that ask the same at the same time', () => {
  it('make one call: the others get its answer, pay nothing, and their events say by whom', async () => {
    const { gateway, calls } = await start();
    const caller = await gateway.newCaller({ tier: 'master', budgets: { dayDollars: 10 } });
    const headers = { authorization: `Bearer ${caller.key}` };
    const responses = await Promise.all(times(100, () => askOf(gateway)({}, headers)));
    expect(calls()).toBe(1);
    const leader = responses.filter((response) => cacheOf(response) === 'miss');
    const others = responses.filter((response) => cacheOf(response) === 'coalesced');
    expect([leader.length, others.length]).toEqual([1, 99]);
    expect(new Set(await Promise.all(responses.map((response) => response.clone().text()))).size).toBe(1);
    const events = await gateway.events(caller.account);
    const leaderId = leader[0]?.headers.get('x-headgate-request-id');
    const led = events.find(({ requestId }) => requestId === leaderId);
    expect(led?.costMicroDollars).toBeGreaterThan(0);
    expect(events.filter((event) => event.coalescedWith === leaderId)).toHaveLength(99);
    for (const event of events.filter(({ coalescedWith }) => coalescedWith !== undefined)) {
      expect(event).toMatchObject({
        outcome: 'answered',
        cache: 'coalesced',
        costMicroDollars: 0,
        savedMicroDollars: led?.costMicroDollars,
        attempts: 0,
      });
    }
  });

  it('may want it whole or as a stream', async () => {
    const { gateway, calls } = await start();
    const responses = await Promise.all(times(20, (index) => askOf(gateway)({ stream: index % 2 === 1 })));
    const texts = await Promise.all(responses.map((response) => response.text()));
    expect(calls()).toBe(1);
    for (const text of texts) expect(text).toContain('answer 1');
    for (const text of texts.filter((_, index) => index % 2 === 1))
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('may come to two processes', async () => {
    const { gateway, second, calls } = await start();
    const beside = await second();
    const responses = await Promise.all(times(20, (index) => askOf(index % 2 === 1 ? gateway : beside)()));
    expect(await Promise.all(responses.map(contentOf))).toEqual(times(20, () => 'answer 1'));
    expect(calls()).toBe(1);
    expect(responses.filter((response) => cacheOf(response) === 'coalesced')).toHaveLength(19);
  });

  it('may come a moment after the answer, also where nothing is kept; not later', async () => {
    const live = { messages: [{ role: 'user', content: 'What is the news today?' }] };
    const { gateway, second, calls } = await start(numbered, { deduplication: { isOn: true, windowMs: 1_500 } }, 0);
    const beside = await second();
    expect(cacheOf(await askOf(gateway)(live))).toBe('miss');
    const repeated = await askOf(beside)(live);
    expect([cacheOf(repeated), await contentOf(repeated), calls()]).toEqual(['coalesced', 'answer 1', 1]);
    await pause(1_600);
    expect(cacheOf(await askOf(gateway)(live))).toBe('miss');
  });

  it('leave nothing in the store that can be read without the request', async () => {
    const { gateway } = await start(numbered, {}, 0);
    await askOf(gateway)();
    const [lease] = await items(gateway, 'call#');
    expect(lease?.outcome).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(lease?.outcome).toString('latin1')).not.toContain('answer');
    expect(JSON.stringify(lease)).not.toContain('sky');
  });

  it('share what the cache keeps, and no longer than that is kept', async () => {
    const { gateway, second, calls } = await start(numbered, { caching: { isOn: true } });
    const beside = await second();
    const both = await Promise.all([askOf(gateway)(), askOf(beside)()]);
    expect(both.map(cacheOf).toSorted()).toEqual(['coalesced', 'miss']);
    expect(cacheOf(await askOf(beside)())).toBe('exact');
    await gateway.asAdmin('DELETE', '/v2/cache?account=local');
    expect([cacheOf(await askOf(gateway)()), calls()]).toEqual(['miss', 2]);
  });

  it.each<[string, object, Record<string, string>]>([
    ['the cache is off', {}, { 'x-headgate-cache': 'off' }],
    ['nothing may be kept', {}, { 'cache-control': 'no-store' }],
    ['nothing kept will do', {}, { 'cache-control': 'no-cache' }],
    ['it must be younger than the window', {}, { 'cache-control': 'max-age=1' }],
    ['variety is wanted', { temperature: 1.5 }, {}],
  ])('make a call each where %s', async (_name, body, headers) => {
    const { gateway, calls } = await start();
    await Promise.all(times(3, () => askOf(gateway)(body, headers)));
    expect(calls()).toBe(3);
  });

  it('are those of one account', async () => {
    const answer: Answer = (response, { user }) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: `for ${user}` }));
    };
    // Long enough for 500 callers on a busy machine to ask at the same time.
    const { gateway, calls } = await start(answer, { deduplication: { isOn: true, windowMs: 60_000 } });
    const limits = { requestsPerMinute: null, tokensPerMinute: null, callsInFlight: null };
    const callers = await Promise.all(times(2, () => gateway.newCaller({ limits })));
    const answers = await Promise.all(
      times(500, async (index) => {
        const { key, account } = callers[index % 2] as (typeof callers)[0];
        const content = `Why is ${index % 10} a number?`;
        const asked = { user: account, messages: [{ role: 'user', content }] };
        return (await contentOf(await askOf(gateway)(asked, { authorization: `Bearer ${key}` }))) === `for ${account}`;
      }),
    );
    expect(answers.every((isOwn) => isOwn)).toBe(true);
    // Ten questions, of which each is in both modulo classes of one account only.
    expect(calls()).toBe(10);
  });
});

describe('when the first of them does not get an answer', () => {
  it('because the request is at fault, or every model failed, all hear of it', async () => {
    const statuses = [400, 500];
    for (const status of statuses) {
      const { gateway, second, calls } = await start((response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"no such thing"}}');
      });
      const beside = await second();
      const responses = await Promise.all(times(10, (index) => askOf(index % 2 === 1 ? gateway : beside)()));
      const bodies = await Promise.all(responses.map((response) => response.text()));
      expect([calls(), new Set(bodies).size, new Set(responses.map((one) => one.status)).size]).toEqual([1, 1, 1]);
      const events = await gateway.events();
      expect(events.filter(({ coalescedWith }) => coalescedWith !== undefined)).toHaveLength(9);
    }
  });

  it('because its caller hung up, the call goes on for the others of its process', async () => {
    const { gateway, calls } = await start(numbered, {}, 400);
    const leader = new AbortController();
    const left = askAndLeave(gateway, leader.signal);
    await eventually(() => (calls() === 1 ? true : undefined));
    const others = times(10, () => askOf(gateway)());
    await pause(100);
    leader.abort();
    await left;
    expect(await Promise.all((await Promise.all(others)).map(contentOf))).toEqual(times(10, () => 'answer 1'));
    expect(calls()).toBe(1);
  });

  it('because its caller hung up, one of another process takes over', async () => {
    const { gateway, second, calls } = await start(numbered, {}, 400);
    const beside = await second();
    const leader = new AbortController();
    const left = askAndLeave(gateway, leader.signal);
    await eventually(() => (calls() === 1 ? true : undefined));
    const others = times(10, () => askOf(beside)());
    await pause(100);
    leader.abort();
    await left;
    expect(await Promise.all((await Promise.all(others)).map(contentOf))).toEqual(times(10, () => 'answer 2'));
    expect(calls()).toBe(2);
  });

  it('because its own budget is used up, another pays', async () => {
    const { gateway, calls } = await start();
    const poor = await bodyOf(
      await gateway.asAdmin('POST', '/v2/admin/keys', { account: 'local', budgets: { dayDollars: 0.000001 } }),
    );
    const responses = await Promise.all([
      askOf(gateway)({}, { authorization: `Bearer ${poor.key}` }),
      ...times(5, () => askOf(gateway)()),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([402, 200, 200, 200, 200, 200]);
    expect(calls()).toBe(1);
  });

  it('in time, the others wait no longer than they may', async () => {
    const { gateway, calls } = await start(numbered, {}, 1_500);
    const patient = askOf(gateway)();
    await eventually(() => (calls() === 1 ? true : undefined));
    const hasty = await askOf(gateway)({}, { 'x-headgate-timeout-ms': '300' });
    expect([hasty.status, (await bodyOf(hasty)).error.code]).toEqual([504, 'deadline_exceeded']);
    expect([(await patient).status, calls()]).toEqual([200, 1]);
  });

  it('because all hung up, nothing is left behind', async () => {
    const { gateway, calls } = await start(numbered, {}, 300);
    const storm = times(60, async (index) => {
      const signal = AbortSignal.timeout(20 + (index % 10) * 15);
      const response = await askAndLeave(gateway, signal, { stream: index % 3 === 0 });
      await response?.text().catch(() => {});
    });
    await Promise.all(storm);
    await eventually(async () => ((await items(gateway, 'call#')).length === 0 ? true : undefined));
    const before = calls();
    expect(cacheOf(await askOf(gateway)())).toBe('miss');
    expect(calls()).toBe(before + 1);
  });
});

it('without the store, requests of one process still wait for each other', async () => {
  const { gateway, calls } = await start();
  const caller = await gateway.newCaller({
    limits: { requestsPerMinute: null, tokensPerMinute: null, callsInFlight: null },
  });
  const headers = { authorization: `Bearer ${caller.key}` };
  await askOf(gateway)({ seed: 1 }, headers);
  await gateway.database.send(new DeleteTableCommand({ TableName: localTableName('traffic') }));
  const responses = await Promise.all(times(10, () => askOf(gateway)({}, headers)));
  expect([responses.every(({ status }) => status === 200), calls()]).toEqual([true, 2]);
});
