import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { costOf } from '../../lambda/core/price.ts';
import { readOpenAiUsage } from '../../lambda/core/usage.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { eventsBetween } from '../../lambda/store/usage-events.ts';
import { localTableName } from '../../local/dynamo.ts';
import {
  bodyOf,
  eventually,
  type GatewayUnderTest,
  startGatewayUnderTest,
  startProvider,
} from '../api/gateway-under-test.ts';
import { chunk, sse } from '../api/scripted-provider.ts';

const REQUESTS = 10_000;
const AT_ONCE = 40;
const MODELS = ['openai/gpt-4o', 'openai/gpt-4o-mini', 'openai/gpt-4.1'];

/** What the provider would bill for each request, by its number; absent for one that it failed. */
const billed = new Map<number, object>();

let gateway: GatewayUnderTest;
let caller: { account: string; key: string };
let closeProvider: () => Promise<void>;

/** A usage of its own for each request, so that no two can be taken for each other. */
function usageOf(number: number) {
  const prompt = 100 + number;
  const completion = 20 + (number % 977);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: number % 90 },
    completion_tokens_details: { reasoning_tokens: number % 19 },
  };
}

type Fate = 'answered' | 'refused' | 'failed' | 'broken' | 'left';

/** One in ten goes wrong, in turn by the provider's refusal, its failure, its stream that breaks, or the caller's leaving. */
function fateOf(number: number): Fate {
  if (number % 10 !== 0) return 'answered';
  return (['refused', 'failed', 'broken', 'left'] as const)[(number / 10) % 4] as Fate;
}

const isStream = (number: number) => ['broken', 'left'].includes(fateOf(number)) || number % 3 === 0;

beforeAll(async () => {
  const provider = await startProvider(async (request, response) => {
    const number = Number((await text(request)).match(/request number (\d+)/)?.[1]);
    const fate = fateOf(number);
    if (fate === 'refused' || fate === 'failed') {
      response.writeHead(fate === 'refused' ? 400 : 500, { 'content-type': 'application/json' }).end('{"error":{}}');
      return;
    }
    const usage = usageOf(number);
    if (!isStream(number)) {
      billed.set(number, usage);
      const message = { role: 'assistant', content: `answer ${number}` };
      const body = {
        id: 'x',
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    response.writeHead(200, sse);
    const send = (data: string) => response.write(`data: ${data}\n\n`);
    send(chunk({ content: `answer ${number}` }));
    if (fate === 'broken') {
      setTimeout(() => response.destroy(), 5);
      return;
    }
    // Whoever leaves does so in this pause.
    if (fate === 'left') await new Promise((resolve) => setTimeout(resolve, 3_000));
    if (response.destroyed) return;
    billed.set(number, usage);
    send(chunk({}, 'stop'));
    send(JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [], usage }));
    response.end('data: [DONE]\n\n');
  });
  closeProvider = provider.close;
  gateway = await startGatewayUnderTest({ provider: provider.url, overrides: { deduplication: { isOn: true } } });
  const limits = { requestsPerMinute: null, tokensPerMinute: null, callsInFlight: null };
  caller = await gateway.newCaller({ limits });
});
afterAll(async () => {
  await gateway.close();
  await closeProvider();
});

async function ask(number: number): Promise<void> {
  const leaving = new AbortController();
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.key}`, 'x-headgate-user': `user-${number}` },
    body: JSON.stringify({
      model: MODELS[number % MODELS.length],
      messages: [{ role: 'user', content: `This is request number ${number}.` }],
      stream: isStream(number),
    }),
    signal: leaving.signal,
  });
  if (fateOf(number) === 'left') leaving.abort();
  await response.text().catch(() => {});
}

it(`${REQUESTS} requests of which one in ten goes wrong are billed as the provider bills them, to the micro-dollar`, async () => {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < REQUESTS) await ask(next++);
    }),
  );
  const events = await eventually(async () => {
    const all: UsageEvent[] = [];
    const [from, to] = [Date.now() - 86_400_000, Date.now() + 60_000];
    for await (const event of eventsBetween(gateway.database, localTableName('usage'), caller.account, from, to)) {
      all.push(event);
    }
    return all.length >= REQUESTS ? all : undefined;
  });
  expect(events).toHaveLength(REQUESTS);

  let money = 0;
  const outcomes: Record<string, number> = {};
  for (const event of events) {
    const number = Number(event.user?.slice('user-'.length));
    outcomes[event.outcome] = (outcomes[event.outcome] ?? 0) + 1;
    money += event.costMicroDollars;
    const price = configuration.models[MODELS[number % MODELS.length] as string]?.price;
    const usage = readOpenAiUsage(billed.get(number));
    if (!price) throw new Error('The model has no price.');
    if (event.outcome === 'answered') {
      expect(event.usage).toEqual(usage);
      expect(event.costMicroDollars).toBe(usage && costOf(usage, price));
    } else if (event.outcome === 'rejected' || event.outcome === 'failed') {
      expect(event.costMicroDollars).toBe(0);
    } else {
      // What broke off was begun: it is estimated, marked, and never free.
      expect(event.usage.estimated).toBe(true);
      expect(event.costMicroDollars).toBeGreaterThan(0);
    }
  }
  const share = REQUESTS / 40;
  expect(outcomes).toEqual({
    answered: REQUESTS - 4 * share,
    rejected: share,
    failed: share,
    interrupted: share,
    client_closed: share,
  });

  const { totals } = await bodyOf(await gateway.asAdmin('GET', `/v2/usage?account=${caller.account}`));
  expect([totals.requests, totals.costMicroDollars]).toEqual([REQUESTS, money]);
});
