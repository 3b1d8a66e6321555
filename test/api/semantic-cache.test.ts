import type { ServerResponse } from 'node:http';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { caching } from '../../config/caching.ts';
import type { CacheRule } from '../../lambda/core/cache-policy.ts';
import type { SemanticCaching } from '../../lambda/core/semantic/policy.ts';
import { localTableName } from '../../local/dynamo.ts';
import { API_KEY, bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { whole } from './scripted-provider.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

/** On for all, and patient: a machine that runs other tests takes longer than 60 ms. */
const ON: SemanticCaching = { ...caching.semantic, isOn: true, isForAll: true, timeLimitMs: 10_000 };

interface Options {
  semantic?: Partial<SemanticCaching>;
  scope?: 'account' | 'user';
  rules?: CacheRule[];
}

async function start({ semantic = {}, scope = 'account', rules = [] }: Options = {}) {
  let calls = 0;
  const provider = await startProvider((request, response: ServerResponse) => {
    request.resume().on('end', () => {
      calls += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: `answer ${calls}` }));
    });
  });
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    overrides: { caching: { isOn: true, scope, rules, semantic: { ...ON, ...semantic } } },
  });
  close.push(gateway.close, provider.close);
  const ask = (question: string, more: object = {}, headers: Record<string, string> = {}) =>
    gateway.post(
      '/v1/chat/completions',
      { model: 'openai/gpt-4o', messages: [{ role: 'user', content: question }], ...more },
      headers,
    );
  const neighbours = async () => {
    const { Items = [] } = await gateway.database.send(
      new ScanCommand({ TableName: localTableName('responses'), ConsistentRead: true }),
    );
    return Items.filter(({ pk }) => String(pk).startsWith('near#'));
  };
  /** Asks a question and waits until its answer can be found. */
  const keep = async (question: string, more: object = {}, headers: Record<string, string> = {}) => {
    const before = (await neighbours()).length;
    const response = await ask(question, more, headers);
    await response.text();
    await eventually(async () => (await neighbours()).length > before || undefined);
    return response;
  };
  const remove = (query = '') =>
    fetch(`${gateway.url}/v2/cache${query}`, { method: 'DELETE', headers: { authorization: `Bearer ${API_KEY}` } });
  return { gateway, ask, keep, neighbours, remove, calls: () => calls };
}

const cacheOf = (response: Response) => response.headers.get('x-headgate-cache');
const keyOf = (response: Response) => response.headers.get('x-headgate-cache-key');

const QUESTION = 'How do I repair a bicycle tyre?';
const IN_OTHER_WORDS = 'What is the best way to fix a bike tire?';

describe('the semantic cache', () => {
  it('answers a question in other words, for nothing, and names its source', async () => {
    const { gateway, ask, keep, calls } = await start();
    const first = await keep(QUESTION);
    const hit = await ask(IN_OTHER_WORDS);
    expect([cacheOf(first), cacheOf(hit), calls()]).toEqual(['miss', 'semantic', 1]);
    expect(keyOf(hit)).toBe(keyOf(first));
    expect(hit.headers.get('x-headgate-cost-usd')).toBe('0.000000');
    expect(Number(hit.headers.get('age'))).toBeLessThan(30);
    expect(await bodyOf(hit)).toMatchObject({ choices: [{ message: { content: 'answer 1' } }] });
    const event = await gateway.eventOf(hit);
    expect(event).toMatchObject({
      cache: 'semantic',
      costMicroDollars: 0,
      semantic: { mode: 'default', verdict: 'serve', candidate: keyOf(first), vetoes: [], score: expect.any(Number) },
    });
    expect(JSON.stringify(event)).not.toContain('tyre');
    // Sums are folded from the events by the sweep.
    const counted = await eventually(async () => {
      const { totals } = await bodyOf(await gateway.get('/v2/usage'));
      return totals.requests === 2 ? totals : undefined;
    });
    expect(counted).toMatchObject({ cacheHits: 1, attempts: 1 });
  });

  it('serves a stream as well', async () => {
    const { ask, keep } = await start();
    await keep(QUESTION);
    const hit = await ask(IN_OTHER_WORDS, { stream: true });
    expect(cacheOf(hit)).toBe('semantic');
    expect(await hit.text()).toContain('answer');
  });

  it('does not answer what a veto tells apart, and says which', async () => {
    const { gateway, ask, keep, calls } = await start();
    await keep('Trains from Cork to Galway');
    const other = await ask('Trains from Galway to Cork');
    expect([cacheOf(other), calls()]).toEqual(['miss', 2]);
    expect(await gateway.eventOf(other)).toMatchObject({ semantic: { verdict: 'miss', vetoes: ['roles'] } });
  });

  it('finds the same question exactly, before it looks for one in other words', async () => {
    const { ask, keep } = await start();
    await keep(QUESTION);
    expect(cacheOf(await ask(QUESTION))).toBe('exact');
  });

  it('takes the mode of the deployment, and that of a rule before it', async () => {
    const strict = { name: 'tyres', words: ['tire', 'tyre'], ttl: 'long', semantic: 'strict' } as const;
    const never = { ...strict, semantic: 'never' } as const;
    for (const [rules, mode] of [
      [[], 'loose'],
      [[strict], 'strict'],
      [[never], undefined],
    ] as const) {
      const { gateway, ask } = await start({ semantic: { mode: 'loose' }, rules: [...rules] });
      await (await ask(QUESTION)).text();
      const event = await gateway.eventOf(await ask('Which oil suits a bicycle chain and a tire?'));
      expect(event?.semantic?.mode).toBe(mode);
    }
  });

  it('is asked by the request where it is not for all, and refused by it where it is', async () => {
    const asked = await start({ semantic: { isForAll: false } });
    await asked.keep(QUESTION, {}, { 'x-headgate-cache': 'semantic' });
    expect(cacheOf(await asked.ask(IN_OTHER_WORDS))).toBe('miss');
    const { ask, keep } = await start();
    await keep(QUESTION);
    expect(cacheOf(await ask(IN_OTHER_WORDS, {}, { 'x-headgate-cache': 'exact' }))).toBe('miss');
  });

  it('is asked by a header and then serves', async () => {
    const { ask, keep } = await start({ semantic: { isForAll: false } });
    await keep(QUESTION, {}, { 'x-headgate-cache': 'semantic' });
    expect(cacheOf(await ask(IN_OTHER_WORDS, {}, { 'x-headgate-cache': 'semantic' }))).toBe('semantic');
  });

  it('is asked by the body of /v2/chat, whose answer says that it was kept', async () => {
    const { gateway, neighbours } = await start({ semantic: { isForAll: false } });
    const chat = async (content: string) =>
      bodyOf(
        await gateway.post('/v2/chat', {
          model: 'openai/gpt-4o',
          messages: [{ role: 'user', content }],
          cache: 'semantic',
        }),
      );
    const first = await chat(QUESTION);
    await eventually(async () => (await neighbours()).length > 0 || undefined);
    const again = await chat(IN_OTHER_WORDS);
    expect([first.cached, again.cached, again.content]).toEqual([false, true, first.content]);
  });

  it('does nothing where it is off', async () => {
    const { gateway, ask, neighbours } = await start({ semantic: { isOn: false } });
    await (await ask(QUESTION, {}, { 'x-headgate-cache': 'semantic' })).text();
    const again = await ask(IN_OTHER_WORDS, {}, { 'x-headgate-cache': 'semantic' });
    expect([cacheOf(again), await neighbours()]).toEqual(['miss', []]);
    expect((await gateway.eventOf(again))?.semantic).toBeUndefined();
  });

  it.each([
    [
      'another system prompt',
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: IN_OTHER_WORDS },
        ],
      },
    ],
    ['another temperature', { temperature: 0.2 }],
    ['another model', { model: 'openai/gpt-4o-mini' }],
    ['another limit', { max_tokens: 50 }],
    ['tools', { tools: [{ type: 'function', function: { name: 'shop', parameters: {} } }] }],
  ])('serves no request with %s', async (_name, more) => {
    const { ask, keep } = await start();
    await keep(QUESTION);
    expect(cacheOf(await ask(IN_OTHER_WORDS, more))).toBe('miss');
  });

  it.each([
    ['is personal', 'How do I repair the tyre of my bicycle?'],
    ['is about now', 'Which shop repairs a tyre today?'],
    ['is blank', ' '],
  ])('has no part in a question that %s', async (_name, question) => {
    const { gateway, ask, neighbours } = await start();
    const response = await ask(question);
    await response.text();
    expect((await gateway.eventOf(response))?.semantic).toBeUndefined();
    expect(await neighbours()).toEqual([]);
  });

  it('serves an answer in its own scope only', async () => {
    const { gateway, ask, keep } = await start({ scope: 'user' });
    await keep(QUESTION, { user: 'ada' });
    expect(cacheOf(await ask(IN_OTHER_WORDS, { user: 'grace' }))).toBe('miss');
    const { key } = await gateway.newCaller({});
    const stranger = await ask(IN_OTHER_WORDS, { user: 'ada' }, { authorization: `Bearer ${key}` });
    expect(cacheOf(stranger)).toBe('miss');
    expect(cacheOf(await ask('How can a bicycle tyre be repaired?', { user: 'ada' }))).toBe('semantic');
  });

  it('shows an account what is kept, and removes it with its neighbour', async () => {
    const { gateway, ask, keep, neighbours, remove } = await start();
    const fingerprint = keyOf(await keep(QUESTION)) ?? '';
    const list = await bodyOf(await gateway.get('/v2/cache'));
    expect(list).toEqual({ entries: [{ fingerprint, tags: [], isSemantic: true, expiresAt: expect.any(String) }] });
    const entry = await bodyOf(await gateway.get(`/v2/cache?fingerprint=${fingerprint}`));
    expect(entry).toMatchObject({
      fingerprint,
      prompt: QUESTION,
      answer: { choices: [{ message: { content: 'answer 1' } }] },
    });

    const { key } = await gateway.newCaller({});
    const asStranger = { authorization: `Bearer ${key}` };
    expect(await bodyOf(await gateway.get('/v2/cache', asStranger))).toEqual({ entries: [] });
    expect((await gateway.get(`/v2/cache?fingerprint=${fingerprint}`, asStranger)).status).toBe(404);
    expect((await gateway.get('/v2/cache?account=local', asStranger)).status).toBe(403);

    expect(await bodyOf(await remove(`?fingerprint=${fingerprint}`))).toEqual({ removed: 1 });
    expect(await neighbours()).toEqual([]);
    expect(cacheOf(await ask(IN_OTHER_WORDS))).toBe('miss');
  });

  it('scans where the database has no vector index yet', async () => {
    const { ask, keep } = await start({ semantic: { index: 'dynamodb' } });
    await keep(QUESTION);
    expect(cacheOf(await ask(IN_OTHER_WORDS))).toBe('semantic');
  });

  it('is a miss when it takes too long, and the request goes on', async () => {
    const { gateway, ask, keep } = await start({ semantic: { timeLimitMs: 0 } });
    await keep(QUESTION);
    const late = await ask(IN_OTHER_WORDS);
    expect([late.status, cacheOf(late)]).toEqual([200, 'miss']);
    expect((await gateway.eventOf(late))?.semantic).toBeUndefined();
  });

  it('is a miss when the embedder fails, and keeps what it would have kept', async () => {
    const embedder = { kind: 'provider', provider: 'openai', model: 'text-embedding-3-small' } as const;
    const { ask } = await start({ semantic: { embedder, timeLimitMs: 2_000 } });
    const first = await ask(QUESTION);
    await first.text();
    expect(cacheOf(first)).toBe('miss');
    await eventually(async () => cacheOf(await ask(QUESTION)) === 'exact' || undefined);
  });
});
