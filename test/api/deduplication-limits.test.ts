import { describe, expect, it } from 'vitest';
import { freePort } from '../store/test-dynamo.ts';
import {
  askOf,
  cacheOf,
  contentOf,
  numbered,
  QUESTION,
  startCoalescing as start,
  times,
} from './coalescing-gateway.ts';
import { bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { close, whole } from './scripted-provider.ts';

/** What must not be shared although the question is the same. */
describe('a failure', () => {
  it('is told to those who wait, and is no answer to who comes later', async () => {
    const { gateway, calls } = await start((response, body, call) =>
      call === 1 ? void response.writeHead(429, { 'retry-after': '1' }).end() : numbered(response, body, call),
    );
    const responses = await Promise.all(times(5, () => askOf(gateway)()));
    expect([...new Set(responses.map(({ status }) => status)), calls()]).toEqual([429, 1]);
    const later = await askOf(gateway)();
    expect([later.status, cacheOf(later), calls()]).toEqual([200, 'miss', 2]);
    // Each of them was a request, and has its event.
    expect(await gateway.events()).toHaveLength(6);
  });

  it("that is one request's own fault does not meet the others", async () => {
    const { gateway, calls } = await start((response, body, call) => {
      if (!('metadata' in body)) return numbered(response, body, call);
      const error = { message: 'metadata of alice@example.com needs store', type: 'invalid_request_error' };
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const bad = askOf(gateway)({ metadata: { a: 'b' } });
    await eventually(() => (calls() === 1 ? true : undefined));
    const good = await Promise.all(times(5, () => askOf(gateway)()));
    expect((await bad).status).toBe(400);
    expect(await Promise.all(good.map(contentOf))).toEqual(times(5, () => 'answer 2'));
    expect(calls()).toBe(2);
  });

  it('never passes from one account to another, though answers may', async () => {
    const rules = [{ name: 'open', words: ['sky'], ttl: 'long' as const, sharedAs: 'everybody' }];
    const { gateway, calls } = await start(
      (response, body, call) => (call === 1 ? void response.writeHead(500).end() : numbered(response, body, call)),
      { caching: { isOn: true, rules } },
    );
    const stranger = await gateway.newCaller({});
    const first = askOf(gateway)();
    await eventually(() => (calls() === 1 ? true : undefined));
    const second = await askOf(gateway)({}, { authorization: `Bearer ${stranger.key}` });
    expect([(await first).status, second.status, calls()]).toEqual([502, 200, 2]);
  });
});

describe('a call of its own has', () => {
  it('a request with another plan for the same question', async () => {
    const { gateway, calls } = await start(numbered, { chains: { 'openai/gpt-4o': ['openai/gpt-4o-mini'] } });
    const fallbacks = ['openai/gpt-4o-mini', 'openai/gpt-4.1-mini', 'openai/gpt-4.1'];
    const responses = await Promise.all([
      gateway.post('/v2/chat', { ...QUESTION, maxCostPer1MTokens: 1 }),
      ...fallbacks.map((fallback) => askOf(gateway)({}, { 'x-headgate-fallbacks': fallback })),
    ]);
    expect(responses.map(cacheOf)).toEqual(['miss', 'miss', 'miss', 'miss']);
    expect(responses[0]?.headers.get('x-headgate-model')).toBe('openai/gpt-4o-mini');
    expect(calls()).toBe(4);
  });

  it('a request with an idempotency key', async () => {
    const { gateway, calls } = await start();
    await Promise.all(times(3, (index) => askOf(gateway)({}, { 'idempotency-key': `key-${index}` })));
    expect(calls()).toBe(3);
  });

  it('a gateway that is its own provider, which would wait for itself', async () => {
    const port = await freePort();
    const gateway = await startGatewayUnderTest({
      provider: `http://127.0.0.1:${port}`,
      overrides: { deduplication: { isOn: true } },
    });
    const relay = await startProvider((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', async () => {
        const hops = String(request.headers['x-headgate-hops']);
        const answer = await gateway.post('/v1/chat/completions', body, { 'x-headgate-hops': hops });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
    }, port);
    close.push(gateway.close, relay.close);
    const startedAt = performance.now();
    const response = await askOf(gateway)();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('nobody where one is enough: what was kept and is gone is asked for once', async () => {
    const { gateway, second, calls } = await start(numbered, { caching: { isOn: true } });
    const beside = await second();
    await askOf(gateway)();
    await gateway.asAdmin('DELETE', '/v2/cache?account=local');
    const responses = await Promise.all(times(20, (index) => askOf(index % 2 === 1 ? gateway : beside)()));
    expect([...new Set(await Promise.all(responses.map(contentOf)))]).toEqual(['answer 2']);
    expect(calls()).toBe(2);
  });

  it('whose key has more money, where the first was cut by its own', async () => {
    const { gateway, calls } = await start((response, body, call) => {
      const isBounded = 'max_tokens' in body || 'max_completion_tokens' in body;
      const content = isBounded ? 'cut' : `whole ${call}`;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(whole({ content }, isBounded ? 'length' : 'stop'));
    });
    const bounded = await bodyOf(
      await gateway.asAdmin('POST', '/v2/admin/keys', { account: 'local', budgets: { dayDollars: 5 } }),
    );
    const first = askOf(gateway)({}, { authorization: `Bearer ${bounded.key}` });
    await eventually(() => (calls() === 1 ? true : undefined));
    expect(await contentOf(await askOf(gateway)())).toBe('whole 2');
    expect(await contentOf(await first)).toBe('cut');
  });
});

it('a store that loses the end of a call is told again', async () => {
  const { gateway, second, calls } = await start(numbered, {}, 300);
  const beside = await second();
  let isLost = false;
  for (const client of gateway.databases)
    client.middlewareStack.add(
      (next) => async (args) => {
        const { UpdateExpression } = args.input as { UpdateExpression?: string };
        if (UpdateExpression?.startsWith('SET outcome') && !isLost) {
          isLost = true;
          throw new Error('throttled');
        }
        return next(args);
      },
      { step: 'initialize', name: 'loseOne' },
    );
  const startedAt = performance.now();
  const responses = await Promise.all([askOf(gateway)(), askOf(beside)()]);
  expect([await contentOf(responses[0]), await contentOf(responses[1]), calls()]).toEqual(['answer 1', 'answer 1', 1]);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

it('a lease whose taking succeeded, though nobody heard of it, ends with its call', async () => {
  const { gateway, second, calls } = await start(numbered, {}, 300);
  const beside = await second();
  let isLost = false;
  for (const client of gateway.databases)
    client.middlewareStack.add(
      (next) => async (args) => {
        const { UpdateExpression } = args.input as { UpdateExpression?: string };
        const result = await next(args);
        if (UpdateExpression?.includes('requestId = :request') && !isLost) {
          isLost = true;
          throw new Error('the answer was lost');
        }
        return result;
      },
      { step: 'initialize', name: 'loseAnswer' },
    );
  const startedAt = performance.now();
  const first = askOf(gateway)();
  await eventually(() => (calls() === 1 ? true : undefined));
  const other = await askOf(beside)();
  expect([isLost, await contentOf(await first), await contentOf(other), calls()]).toEqual([
    true,
    'answer 1',
    'answer 1',
    1,
  ]);
  // A lease that nobody ends stands for nine seconds.
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
