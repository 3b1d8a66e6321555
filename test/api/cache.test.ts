import type { ServerResponse } from 'node:http';
import { PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigurationOverrides } from '../../lambda/core/configuration.ts';
import { localTableName } from '../../local/dynamo.ts';
import { API_KEY, bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { chunk, sse, whole } from './scripted-provider.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

type Answer = (response: ServerResponse, body: { stream?: boolean; user?: string }, call: number) => void;

const numbered: Answer = (response, { stream }, call) => {
  if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: `answer ${call}` }));
    return;
  }
  const events = [chunk({ role: 'assistant', content: 'answer' }), chunk({ content: ` ${call}` }), chunk({}, 'stop')];
  response.writeHead(200, sse).end([...events, '[DONE]'].map((data) => `data: ${data}\n\n`).join(''));
};

async function start(answer: Answer = numbered, overrides: ConfigurationOverrides = {}) {
  let calls = 0;
  const provider = await startProvider((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      calls += 1;
      answer(response, JSON.parse(text), calls);
    });
  });
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    overrides: { caching: { isOn: true }, ...overrides },
  });
  close.push(gateway.close, provider.close);
  const ask = (more: object = {}, headers: Record<string, string> = {}) =>
    gateway.post(
      '/v1/chat/completions',
      { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Why is the sky blue?' }], ...more },
      headers,
    );
  const entries = async () => {
    const { Items = [] } = await gateway.database.send(
      new QueryCommand({
        TableName: localTableName('responses'),
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': 'cache#account#local' },
      }),
    );
    return Items;
  };
  return { gateway, ask, entries, calls: () => calls };
}

const cacheOf = (response: Response) => response.headers.get('x-headgate-cache');

describe('the exact cache', () => {
  it('answers the same again, without a call and for nothing, and the event says what that saved', async () => {
    const { gateway, ask, calls } = await start();
    const first = await ask();
    const again = await ask();
    expect([cacheOf(first), cacheOf(again), calls()]).toEqual(['miss', 'exact', 1]);
    expect(await again.text()).toBe(await first.text());
    expect(again.headers.get('x-headgate-cost-usd')).toBe('0.000000');
    expect(Number(again.headers.get('age'))).toBeLessThan(5);
    expect(again.headers.get('x-headgate-attempts')).toBe('0');
    const event = await gateway.eventOf(first);
    expect(event).toMatchObject({ cacheReason: 'class knowledge', costMicroDollars: expect.any(Number) });
    expect(await gateway.eventOf(again)).toMatchObject({
      outcome: 'answered',
      model: 'openai/gpt-4o',
      cache: 'exact',
      costMicroDollars: 0,
      savedMicroDollars: event?.costMicroDollars,
      usage: { uncachedInputTokens: 0, textOutputTokens: 0 },
      attempts: 0,
    });
  });

  it('has one answer for both modes and both formats', async () => {
    const { gateway, ask, calls } = await start();
    await (await ask({ stream: true })).text();
    const entire = await bodyOf(await ask());
    expect(entire.choices[0].message.content).toBe('answer 1');
    const client = new OpenAI({ apiKey: API_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'openai/gpt-4o',
      messages: [{ role: 'user', content: 'Why is the sky blue?' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let content = '';
    let usage: unknown;
    for await (const one of stream) {
      content += one.choices[0]?.delta.content ?? '';
      usage = one.usage ?? usage;
    }
    expect(content).toBe('answer 1');
    expect(usage).toMatchObject({ cost_usd: 0, completion_tokens: expect.any(Number) });
    const own = await gateway.post('/v2/chat', {
      model: 'openai/gpt-4o',
      messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    });
    expect(await bodyOf(own)).toMatchObject({ content: 'answer 1', cached: true, cost: 0, attempts: 0 });
    expect(calls()).toBe(1);
  });

  it("is each account's own, and never gives an answer to a key that may not use the model", async () => {
    const { gateway, ask, calls } = await start();
    await ask();
    const stranger = await gateway.newCaller({});
    expect(cacheOf(await ask({}, { authorization: `Bearer ${stranger.key}` }))).toBe('miss');
    const { id } = await bodyOf(
      await gateway.asAdmin('POST', '/v2/admin/keys', { account: 'local', allowedModels: ['openai/gpt-4o-mini'] }),
    );
    expect(id).toBeDefined();
    const barred = await bodyOf(
      await gateway.asAdmin('POST', '/v2/admin/keys', { account: 'local', allowedModels: ['openai/gpt-4o-mini'] }),
    );
    expect((await ask({}, { authorization: `Bearer ${barred.key}` })).status).toBe(403);
    expect(calls()).toBe(2);
  });

  it.each<[string, object, Record<string, string>, Record<string, string>, string[]]>([
    ['off', {}, { 'x-headgate-cache': 'off' }, {}, ['miss', 'miss']],
    ['off the second time', {}, {}, { 'x-headgate-cache': 'off' }, ['miss', 'miss']],
    ['no-store', {}, { 'cache-control': 'no-store' }, {}, ['miss', 'miss']],
    ['no-cache', {}, {}, { 'cache-control': 'no-cache' }, ['miss', 'miss']],
    ['max-age', {}, {}, { 'cache-control': 'max-age=60' }, ['miss', 'exact']],
    ['a lifetime of its own', {}, { 'x-headgate-cache': 'ttl=60' }, {}, ['miss', 'exact']],
    ['too much temperature', { temperature: 1.5 }, {}, {}, ['miss', 'miss']],
    ['something personal', { messages: [{ role: 'user', content: 'What is my name?' }] }, {}, {}, ['miss', 'miss']],
    ['something live', { messages: [{ role: 'user', content: 'What is the news today?' }] }, {}, {}, ['miss', 'miss']],
  ])('heeds %s', async (_name, body, first, second, expected) => {
    const { ask } = await start();
    const one = cacheOf(await ask(body, first));
    expect([one, cacheOf(await ask(body, second))]).toEqual(expected);
  });

  it.each<[string, Answer]>([
    ['a filtered answer', (response) => json(response, whole({ content: 'x' }, 'content_filter'))],
    ['an answer cut by its limit', (response) => json(response, whole({ content: 'x' }, 'length'))],
    [
      'a call of a tool',
      (response) =>
        json(
          response,
          whole(
            { tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
            'tool_calls',
          ),
        ),
    ],
    ['an error', (response) => void response.writeHead(500).end()],
    ['an answer that is none', (response) => json(response, '{}')],
  ])('does not keep %s', async (_name, answer) => {
    const { ask, entries } = await start(answer);
    await ask();
    await ask();
    expect(await entries()).toEqual([]);
  });

  it('does not keep a stream that broke, or that its caller left', async () => {
    const { ask, entries, gateway } = await start((response) => {
      response.writeHead(200, sse);
      response.write(`data: ${chunk({ content: 'half' })}\n\n`, () => response.destroy());
    });
    await (await ask({ stream: true })).text();
    await eventually(async () => ((await gateway.events()).length === 1 ? true : undefined));
    expect(await entries()).toEqual([]);
  });

  it("does not keep a fallback's answer as the answer of the model asked for", async () => {
    const { ask, entries } = await start((response, _body, call) =>
      call === 1 ? void response.writeHead(500).end() : numbered(response, {}, call),
    );
    const response = await ask({}, { 'x-headgate-fallbacks': 'openai/gpt-4o-mini' });
    expect(response.headers.get('x-headgate-model')).toBe('openai/gpt-4o-mini');
    expect(await entries()).toEqual([]);
  });

  it.each<[string, object]>([
    ['corrupt', { entry: new Uint8Array([1, 2, 3]) }],
    ['of another version', { version: 99 }],
    ['of another kind', { entry: 'text' }],
  ])('takes an entry that is %s for none, and removes it', async (_name, change) => {
    const { ask, gateway, entries, calls } = await start();
    await ask();
    const [entry] = await entries();
    const Item = { ...entry, ...change };
    await gateway.database.send(new PutCommand({ TableName: localTableName('responses'), Item }));
    expect(cacheOf(await ask({}, { 'cache-control': 'no-store' }))).toBe('miss');
    expect([calls(), await entries()]).toEqual([2, []]);
  });

  it('never serves what has expired, although DynamoDB still has it', async () => {
    const { ask, gateway, entries } = await start();
    await ask();
    const [entry] = await entries();
    await gateway.database.send(
      new UpdateCommand({
        TableName: localTableName('responses'),
        Key: { pk: entry?.pk, sk: entry?.sk },
        UpdateExpression: 'SET expiresAt = :past',
        ExpressionAttributeValues: { ':past': Math.floor(Date.now() / 1_000) - 1 },
      }),
    );
    expect(cacheOf(await ask())).toBe('miss');
  });

  it('leaves out what is too large, and answers all the same', async () => {
    let noise = '';
    while (noise.length < 900_000) noise += Math.random().toString(36).slice(2);
    const { ask, entries } = await start((response) => json(response, whole({ content: noise })));
    expect((await ask()).status).toBe(200);
    expect(await entries()).toEqual([]);
  });

  it('is emptied by fingerprint, by tag, and whole, for the own account only', async () => {
    const { gateway, ask, entries } = await start();
    const question = (content: string) => ({ messages: [{ role: 'user', content }] });
    const first = await ask(question('Why is snow white?'), { 'x-headgate-tags': 'winter' });
    await ask(question('Why is ice cold?'), { 'x-headgate-tags': 'winter' });
    await ask(question('Why is grass green?'));
    const remove = async (query: string, key = API_KEY) => {
      const headers = { authorization: `Bearer ${key}` };
      return bodyOf(await fetch(`${gateway.url}/v2/cache${query}`, { method: 'DELETE', headers }));
    };
    const stranger = await gateway.newCaller({});
    expect(await remove('', stranger.key)).toEqual({ removed: 0 });
    expect(await remove(`?fingerprint=${first.headers.get('x-headgate-cache-key')}`)).toEqual({ removed: 1 });
    expect(await remove('?tag=winter')).toEqual({ removed: 1 });
    expect((await entries()).length).toBe(1);
    expect(await bodyOf(await gateway.asAdmin('DELETE', '/v2/cache?account=local'))).toEqual({ removed: 1 });
    expect(await entries()).toEqual([]);
    expect((await remove('?everything=1')).error.code).toBe('invalid_request');
    expect((await remove('?user=')).error.code).toBe('invalid_request');
    expect((await remove('?account=other')).error.code).toBe('forbidden');
  });

  it('is among end users where the deployment says so, and off for requests that name none', async () => {
    const { gateway, ask } = await start(numbered, { caching: { isOn: true, scope: 'user' } });
    const by = async (user?: string) => cacheOf(await ask(user === undefined ? {} : { user }));
    expect([await by('ada'), await by('ada'), await by('bob'), await by(), await by()]).toEqual([
      'miss',
      'exact',
      'miss',
      'miss',
      'miss',
    ]);
    expect(await bodyOf(await gateway.asAdmin('DELETE', '/v2/cache?account=local&user=ada'))).toEqual({ removed: 1 });
    expect([await by('ada'), await by('bob')]).toEqual(['miss', 'exact']);
    expect(await bodyOf(await gateway.asAdmin('DELETE', '/v2/cache?account=local'))).toEqual({ removed: 2 });
    expect([await by('ada'), await by('bob')]).toEqual(['miss', 'miss']);
  });

  it('is shared among accounts only where a rule says so', async () => {
    const rules = [{ name: 'open', words: ['sky'], ttl: 'long' as const, sharedAs: 'everybody' }];
    const { gateway, ask } = await start(numbered, { caching: { isOn: true, rules } });
    await ask();
    const stranger = await gateway.newCaller({});
    expect(cacheOf(await ask({}, { authorization: `Bearer ${stranger.key}` }))).toBe('exact');
    const remove = (key: string) =>
      fetch(`${gateway.url}/v2/cache?group=everybody`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${key}` },
      });
    expect((await remove(stranger.key)).status).toBe(403);
    expect(await bodyOf(await gateway.asAdmin('DELETE', '/v2/cache?group=everybody'))).toEqual({ removed: 1 });
  });

  it('never gives one account what another was told, whatever 200 callers ask at once', async () => {
    const { gateway } = await start((response, { user }) => json(response, whole({ content: `for ${user}` })));
    const accounts = await Promise.all(Array.from({ length: 2 }, () => gateway.newCaller({ tier: 'master' })));
    const asked = Array.from({ length: 200 }, async (_, index) => {
      const { key, account } = accounts[index % 2] as (typeof accounts)[0];
      const body = {
        model: 'openai/gpt-4o',
        user: account,
        messages: [{ role: 'user', content: `Why is ${index % 5} a number?` }],
      };
      const answer = await bodyOf(await gateway.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` }));
      return answer.choices?.[0].message.content === `for ${account}` || answer.error?.code;
    });
    expect(
      [...new Set(await Promise.all(asked))].filter((one) => one !== true && one !== 'rate_limit_exceeded'),
    ).toEqual([]);
  });
});

function json(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}
