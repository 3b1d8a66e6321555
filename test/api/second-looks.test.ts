import type { ServerResponse } from 'node:http';
import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { caching } from '../../config/caching.ts';
import type { SemanticChecking } from '../../lambda/core/semantic/policy.ts';
import { localTableName } from '../../local/dynamo.ts';
import { eventually, type GatewayUnderTest, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { whole } from './scripted-provider.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  // The last first: it uses what the others have started.
  for (const one of close.splice(0).reverse()) await one();
});

/** The model that looks; the answers come from another. */
const LOOKER = 'openai/gpt-4o-mini';

interface Options {
  checks?: Partial<SemanticChecking>;
  beside?: GatewayUnderTest;
}

/** A gateway whose looker says what the test wants it to. */
async function start({ checks = {}, beside }: Options = {}) {
  const looked: { system: string; material: Record<string, string> }[] = [];
  const script = { says: 'yes', status: 200 };
  const provider = await startProvider((request, response: ServerResponse) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      const { model, messages } = JSON.parse(text);
      const isLook = model === 'gpt-4o-mini';
      if (isLook) looked.push({ system: messages[0].content, material: JSON.parse(messages[1].content) });
      response
        .writeHead(isLook ? script.status : 200, { 'content-type': 'application/json' })
        .end(whole({ content: isLook ? script.says : `on ${messages[0].content}` }));
    });
  });
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    ...(beside ? { beside } : {}),
    overrides: {
      caching: {
        ...caching,
        rules: [],
        semantic: {
          ...caching.semantic,
          isOn: true,
          isForAll: true,
          timeLimitMs: 10_000,
          checks: { model: LOOKER, shareOfQuestions: 1, ...checks },
        },
      },
    },
  });
  close.push(gateway.close, provider.close);
  const ask = async (question: string) => {
    const response = await gateway.post('/v1/chat/completions', {
      model: 'openai/gpt-4o',
      messages: [{ role: 'user', content: question }],
    });
    await response.text();
    return response;
  };
  const items = async (prefix: string) => {
    const { Items = [] } = await gateway.database.send(
      new ScanCommand({ TableName: localTableName('responses'), ConsistentRead: true }),
    );
    return Items.filter(({ pk }) => String(pk).startsWith(prefix));
  };
  /** Asks a question and waits until its answer can be found. */
  const keep = async (question: string) => {
    const before = (await items('near#')).length;
    await ask(question);
    await eventually(async () => (await items('near#')).length > before || undefined);
  };
  const pairs = (count: number) => eventually(async () => (await items('looked#')).length >= count || undefined);
  return { gateway, ask, keep, items, pairs, looked, script };
}

const cacheOf = (response: Response) => response.headers.get('x-headgate-cache');

const QUESTION = 'How do I repair a bicycle tyre?';
const IN_OTHER_WORDS = 'What is the best way to fix a bike tire?';

describe('a second look of the semantic cache', () => {
  it('is taken at an answer that served, and takes it back where it does not fit', async () => {
    const { gateway, ask, keep, pairs, looked, script } = await start();
    script.says = 'No.';
    await keep(QUESTION);
    const hit = await ask(IN_OTHER_WORDS);
    expect(cacheOf(hit)).toBe('semantic');
    await pairs(1);
    expect(looked).toHaveLength(1);
    expect(looked[0]?.material).toEqual({
      earlierQuestion: QUESTION,
      answer: `on ${QUESTION}`,
      newQuestion: IN_OTHER_WORDS,
    });
    const again = await ask(IN_OTHER_WORDS);
    expect(cacheOf(again)).toBe('miss');
    expect(await gateway.eventOf(again)).toMatchObject({ semantic: { verdict: 'miss', vetoes: ['second look'] } });
  });

  it('is an event of its own, which its account pays', async () => {
    const { gateway, ask, keep, pairs } = await start();
    await keep(QUESTION);
    const hit = await ask(IN_OTHER_WORDS);
    await pairs(1);
    const events = await gateway.events();
    const look = events.find(({ side }) => side !== undefined);
    expect(look).toMatchObject({
      side: { kind: 'second look', of: hit.headers.get('x-headgate-request-id') },
      model: LOOKER,
      outcome: 'answered',
      attempts: 1,
    });
    expect(look?.costMicroDollars).toBeGreaterThan(0);
    expect(JSON.stringify(events)).not.toContain('tyre');
  });

  it('does not hold up the answer, nor end it when it fails', async () => {
    const { gateway, ask, keep, looked, script } = await start();
    script.status = 500;
    await keep(QUESTION);
    expect(cacheOf(await ask(IN_OTHER_WORDS))).toBe('semantic');
    await eventually(async () => (await gateway.events()).some(({ side }) => side !== undefined) || undefined);
    expect(cacheOf(await ask(IN_OTHER_WORDS))).toBe('semantic');
    await eventually(() => looked.length === 2 || undefined);
  });

  it('is made by the share that is configured', async () => {
    const { ask, keep, looked } = await start({ checks: { shareOfQuestions: 0.000_001 } });
    await keep(QUESTION);
    expect(cacheOf(await ask(IN_OTHER_WORDS))).toBe('semantic');
    await ask(QUESTION);
    expect(looked).toEqual([]);
  });

  it('promotes what nearly served, and where a largest share of wrong answers is stated moves the threshold', async () => {
    const first = await start({ checks: { largestWrongShare: 0.1 } });
    await first.keep(QUESTION);
    const cold = await first.ask(IN_OTHER_WORDS);
    expect(cacheOf(cold)).toBe('miss');
    expect(await first.gateway.eventOf(cold)).toMatchObject({ semantic: { verdict: 'grey zone', servesFrom: null } });
    await first.pairs(1);
    // Other words again: nobody has looked at these with the first question.
    const [labels] = await first.items('labels#');
    const [name] = Object.keys(labels ?? {}).filter((field) => /^r\d+$/.test(field));
    expect(labels?.[name ?? '']).toBe(1);
    await first.gateway.database.send(
      new UpdateCommand({
        TableName: localTableName('responses'),
        Key: { pk: labels?.pk, sk: labels?.sk },
        UpdateExpression: 'SET #bin = :many',
        ExpressionAttributeNames: { '#bin': name ?? '' },
        ExpressionAttributeValues: { ':many': 200 },
      }),
    );
    const second = await start({ checks: { largestWrongShare: 0.1 }, beside: first.gateway });
    const warm = await second.ask('What is the best way to repair the tire of a bike?');
    expect(cacheOf(warm)).toBe('semantic');
    expect(await second.gateway.eventOf(warm)).toMatchObject({ semantic: { servesFrom: expect.any(Number) } });
  });

  it('takes another look where the question was answered anew since', async () => {
    const { gateway, ask, keep, pairs, looked } = await start({ checks: { largestWrongShare: 0.1 } });
    await keep(QUESTION);
    await ask(IN_OTHER_WORDS);
    await pairs(1);
    const forget = () =>
      fetch(`${gateway.url}/v2/cache`, { method: 'DELETE', headers: { authorization: 'Bearer hg_key-of-the-tests' } });
    await forget();
    await keep(QUESTION);
    const again = await ask(IN_OTHER_WORDS);
    expect(cacheOf(again)).toBe('miss');
    expect(await gateway.eventOf(again)).toMatchObject({ semantic: { verdict: 'grey zone' } });
    await eventually(() => looked.length === 2 || undefined);
  });

  it('serves a pair that fits although the threshold is above it', async () => {
    const { gateway, ask, keep, pairs } = await start({ checks: { largestWrongShare: 0.1 } });
    await keep(QUESTION);
    const first = await ask(IN_OTHER_WORDS);
    await pairs(1);
    // Its own answer goes: what is left is the one that was found to fit.
    const fingerprint = first.headers.get('x-headgate-cache-key');
    await fetch(`${gateway.url}/v2/cache?fingerprint=${fingerprint}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer hg_key-of-the-tests' },
    });
    expect(cacheOf(await ask(IN_OTHER_WORDS))).toBe('semantic');
  });
});
