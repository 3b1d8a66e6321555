import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { localTableName } from '../../local/dynamo.ts';
import { API_KEY, eventually } from './gateway-under-test.ts';
import { BASE, CANDIDATE, HANGING, say, useTrials } from './trials-gateway.ts';

const { trials, ask, shadowOf } = useTrials();

async function hasNoShadow(requestId: string, account?: string) {
  // Every request before this one is over, its shadow included, when one that comes later has its own.
  const later = await ask('shadowed', `A later one than ${requestId}`);
  await shadowOf(later.requestId);
  return !(await trials.gateway.events(account)).some((event) => event.side?.of === requestId);
}

describe('a shadow', () => {
  it('is asked the same after the answer, and leaves an event of its own beside the one of its request', async () => {
    const { response, requestId } = await ask('shadowed', 'Is the sky blue?', {
      headers: { 'x-headgate-user': 'ada' },
    });
    expect(response.headers.get('x-headgate-model')).toBe(BASE);
    expect(response.headers.get('x-headgate-attempts')).toBe('1');
    const shadow = await shadowOf(requestId);
    const own = (await trials.gateway.eventOf(response)) as UsageEvent;
    expect(shadow).toMatchObject({
      model: CANDIDATE,
      outcome: 'answered',
      attempts: 1,
      user: 'ada',
      keyId: own.keyId,
      usage: { uncachedInputTokens: 10, textOutputTokens: 5 },
      routing: { policy: 'shadowed', model: CANDIDATE, because: 'shadow', taskClass: own.routing?.taskClass },
    });
    expect(shadow.requestId).not.toBe(requestId);
    expect(own).toMatchObject({ model: BASE, routing: { because: 'fixed' } });
    expect(shadow.costMicroDollars).toBeGreaterThan(0);
    const asked = trials.asked.filter(({ messages }) => JSON.stringify(messages).includes('Is the sky blue?'));
    expect(asked.map(({ model }) => model)).toEqual(['gpt-4o', 'gpt-4o-mini']);
  });

  it('gets a stream as a stream, with its tools, and is read to its end', async () => {
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }];
    const { response, requestId } = await ask('shadowed', 'Is the sea blue?', { body: { stream: true, tools } });
    expect(response.status).toBe(200);
    expect(await shadowOf(requestId)).toMatchObject({
      stream: true,
      outcome: 'answered',
      finishReason: 'stop',
      timeToFirstTokenMs: expect.any(Number),
    });
    const asked = trials.asked.filter(({ messages }) => JSON.stringify(messages).includes('Is the sea blue?'));
    expect(asked.map(({ tools: sent }) => sent)).toEqual([tools, tools]);
  });

  it('that hangs keeps no caller waiting, and its failure is seen by none', async () => {
    const startedAt = performance.now();
    const { response, requestId } = await ask('hung', 'Is the grass green?');
    const latencyMs = performance.now() - startedAt;
    expect(response.status).toBe(200);
    // The shadow has 1.5 s, and takes all of it.
    expect(latencyMs).toBeLessThan(1_000);
    const shadow = await shadowOf(requestId);
    expect(shadow).toMatchObject({ model: HANGING, outcome: 'failed', errorCode: expect.any(String) });
    expect(shadow.latencyMs).toBeGreaterThanOrEqual(1_400);
    const line = trials.gateway.log
      .map((text) => JSON.parse(text.startsWith('{') ? text : '{}'))
      .find((summary) => summary.requestId === requestId);
    expect(line.latencyMs).toBeLessThan(1_000);
  });

  it('runs although the caller hangs up', async () => {
    const caller = new AbortController();
    const response = await fetch(`${trials.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'shadowed', messages: say('Is snow white?'), stream: true }),
      signal: caller.signal,
    });
    caller.abort();
    const requestId = response.headers.get('x-headgate-request-id') ?? '';
    expect(await shadowOf(requestId)).toMatchObject({ outcome: 'answered' });
  });

  it('is never asked for what the cache answers, nor kept there', async () => {
    await ask('shadowed', 'Is coal black?');
    const again = await ask('shadowed', 'Is coal black?');
    expect(again.response.headers.get('x-headgate-cache')).toBe('exact');
    expect(await hasNoShadow(again.requestId)).toBe(true);
    const direct = await ask(CANDIDATE, 'Is coal black?');
    expect(direct.response.headers.get('x-headgate-cache')).toBe('miss');
  });

  it.each<Record<string, string>>([
    { 'x-headgate-shadow': 'off' },
    { 'cache-control': 'no-store' },
    { 'x-headgate-cache': 'off' },
  ])('is not asked against the will of a caller who says %j', async (headers) => {
    const { response, requestId } = await ask('shadowed', `Is milk white? ${JSON.stringify(headers)}`, { headers });
    expect(response.status).toBe(200);
    expect(await hasNoShadow(requestId)).toBe(true);
  });

  it('is not asked for a request that was at fault itself', async () => {
    const { response, requestId } = await ask('shadowed', 'Please refuse this.');
    expect(response.status).toBe(400);
    expect(await hasNoShadow(requestId)).toBe(true);
  });

  it('can only be declined', async () => {
    const { response } = await ask('shadowed', 'x', { headers: { 'x-headgate-shadow': 'on' } });
    expect(response.status).toBe(400);
  });
});

describe('the money of a shadow', () => {
  it("is its account's, and settled with it", async () => {
    const { account, key } = await trials.gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 10 } });
    const { requestId } = await ask('shadowed', 'Is gold yellow?', { key });
    const shadow = await shadowOf(requestId, account);
    const events = await trials.gateway.events(account);
    expect(events).toHaveLength(2);
    const spent = events.reduce((sum, { costMicroDollars }) => sum + costMicroDollars, 0);
    expect(shadow.costMicroDollars).toBeGreaterThan(0);
    const day = await budgetDay(account);
    expect(day).toMatchObject({ committed: spent, spent, callsInFlight: 0, sideCallsInFlight: 0 });
  });

  it('is not spent when the budget does not allow it: the caller has the answer, and nobody hears of it', async () => {
    // Room for what the answer can cost at most, and not for the shadow's beside what it did cost.
    const { account, key } = await trials.gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 0.004 } });
    const { response, requestId } = await ask('hung', 'Is lead grey?', { key });
    expect(response.status).toBe(200);
    expect(await hasNoShadow(requestId, account)).toBe(true);
    expect(trials.asked.some((body) => body.model.endsWith('hanging') && JSON.stringify(body).includes('lead'))).toBe(
      false,
    );
    expect(trials.gateway.alerts.filter((alert) => alert.account === account)).toEqual([]);
  });

  it('is not asked once four fifths of the budget are used', async () => {
    const { account, key } = await trials.gateway.newCaller({
      tier: 'pro',
      budgets: { dayDollars: 0.0002, hardStopPercent: 1_000 },
    });
    // 75 micro-dollars for the answer, and 5 for its shadow: after two requests 160 of 200 are used.
    for (const metal of ['zinc', 'cobalt']) {
      const { requestId } = await ask('shadowed', `Is ${metal} grey?`, { key, body: { max_tokens: 10 } });
      await shadowOf(requestId, account);
    }
    const { response, requestId } = await ask('shadowed', 'Is nickel grey?', { key, body: { max_tokens: 10 } });
    expect(response.status).toBe(200);
    expect(await hasNoShadow(requestId, account)).toBe(true);
  });

  it("takes no place among the account's calls", async () => {
    const { account, key } = await trials.gateway.newCaller({
      tier: 'pro',
      limits: { callsInFlight: 1 },
      budgets: { dayDollars: 10 },
    });
    const { requestId } = await ask('hung', 'Is iron grey?', { key });
    await eventually(async () => (await budgetDay(account)).sideCallsInFlight === 1);
    expect((await ask(BASE, 'Is tin grey?', { key })).response.status).toBe(200);
    await shadowOf(requestId, account);
  });
});

async function budgetDay(account: string) {
  const Key = { pk: `budget#${account}`, sk: new Date().toISOString().slice(0, 10) };
  const { Item = {} } = await trials.gateway.database.send(new GetCommand({ TableName: localTableName('usage'), Key }));
  return Item;
}
