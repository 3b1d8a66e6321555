import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_PRICES } from '../../bench/cost/aws-prices.ts';
import { localTableName } from '../../local/dynamo.ts';
import { eventually, type GatewayUnderTest, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { whole } from './scripted-provider.ts';

/** What one request asked of DynamoDB. Rounds are calls one after the other; those at once make one round. */
interface StoreUse {
  roundsBefore: number;
  calls: number;
  readUnits: number;
  writeUnits: number;
}

interface SeenCall {
  startedAtMs: number;
  endedAtMs: number;
  isRead: boolean;
  /** It writes the usage event: the answer is there. */
  isEvent: boolean;
  units: number;
}

/** docs/cost.md publishes these counts, for an account with limits and a budget whose key is known to the process. */
const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

let gateway: GatewayUnderTest;
let seen: SeenCall[] = [];
let providerCalledAtMs = Number.POSITIVE_INFINITY;
let closeProvider: () => Promise<void>;

/** Long enough for what runs at once to overlap for certain. */
const STORE_CALL_MS = 120;
/** Short, so that a hit does not come while an outcome is still of use. */
const WINDOW_MS = 200;
/** Long enough for a second request to find the first under way. */
const PROVIDER_MS = 1_200;
const ANSWER = 'The sky is blue because short waves are scattered more. '.repeat(20);

beforeAll(async () => {
  const provider = await startProvider((request, response) => {
    request.resume();
    providerCalledAtMs = performance.now();
    setTimeout(
      () => response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: ANSWER })),
      PROVIDER_MS,
    );
  });
  closeProvider = provider.close;
  gateway = await startGatewayUnderTest({
    provider: provider.url,
    // Sweeps ask the store, too, and are nobody's requests.
    sweepEveryMs: 3_600_000,
    overrides: { caching: { isOn: true }, deduplication: { isOn: true, windowMs: WINDOW_MS } },
  });
  for (const client of gateway.databases)
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const startedAtMs = performance.now();
        if (isSharedByMany(args.input)) return next(args);
        Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
        await new Promise((resolve) => setTimeout(resolve, STORE_CALL_MS));
        const result = await next(args);
        const { ConsumedCapacity } = result.output as { ConsumedCapacity?: { CapacityUnits?: number } };
        const { TableName } = args.input as { TableName?: string };
        const isEvent = context.commandName === 'PutItemCommand' && TableName === localTableName('usage');
        const isRead = ['GetItemCommand', 'QueryCommand'].includes(String(context.commandName));
        const units = ConsumedCapacity?.CapacityUnits ?? Number.NaN;
        seen.push({ startedAtMs, endedAtMs: performance.now(), isRead, isEvent, units });
        return result;
      },
      { step: 'initialize', name: 'countUnits' },
    );
});
afterAll(async () => {
  await gateway.close();
  await closeProvider();
});

/** What a process asks from time to time for all its requests: keys, circuits, statistics of models. */
function isSharedByMany(input: object): boolean {
  const { Key, ExpressionAttributeValues: values } = input as {
    Key?: { pk?: string };
    ExpressionAttributeValues?: Record<string, unknown>;
  };
  const place = String(Key?.pk ?? values?.[':pk'] ?? '');
  return ['key#', 'circuits', 'models#'].some((prefix) => place.startsWith(prefix));
}

/** Calls that began only after another had ended are in a later round than that one. */
function roundsIn(calls: readonly SeenCall[]): number {
  let rounds = 0;
  let endsAtMs = Number.NEGATIVE_INFINITY;
  for (const call of calls.toSorted((one, other) => one.startedAtMs - other.startedAtMs)) {
    if (call.startedAtMs < endsAtMs) continue;
    rounds += 1;
    endsAtMs = call.startedAtMs + STORE_CALL_MS;
  }
  return rounds;
}

function sum(calls: readonly SeenCall[], isRead: boolean): number {
  return calls.filter((call) => call.isRead === isRead).reduce((total, { units }) => total + units, 0);
}

/** What so many requests use until they are over, also behind their answers. */
async function useOf(ask: () => Promise<unknown>, requests = 1): Promise<StoreUse> {
  const endedBefore = gateway.log.length;
  seen = [];
  providerCalledAtMs = Number.POSITIVE_INFINITY;
  await ask();
  await eventually(() => (gateway.log.length >= endedBefore + requests ? true : undefined));
  const answeredAtMs = seen.find(({ isEvent }) => isEvent)?.startedAtMs ?? Number.POSITIVE_INFINITY;
  const before = seen.filter(({ startedAtMs }) => startedAtMs < Math.min(providerCalledAtMs, answeredAtMs));
  return {
    roundsBefore: roundsIn(before),
    calls: seen.length,
    readUnits: sum(seen, true),
    writeUnits: sum(seen, false),
  };
}

const { readUnitsPerMillion: MILLION_READS, writeUnitsPerMillion: MILLION_WRITES } = AWS_PRICES;

/** What the page says of this case, once its dollars are those of its units. */
function published(name: string): StoreUse {
  const row = page.split('\n').find((line) => line.startsWith(`| ${name} |`));
  const [roundsBefore, calls, readUnits, writeUnits, dollars] = (row ?? '').split('|').slice(2, 7).map(Number);
  const use = { roundsBefore, calls, readUnits, writeUnits } as StoreUse;
  expect(dollars).toBe(Number((use.readUnits * MILLION_READS + use.writeUnits * MILLION_WRITES).toFixed(2)));
  return use;
}

const caller = async (more: object = {}) => {
  const { key } = await gateway.newCaller({ tier: 'master', budgets: { dayDollars: 10 }, ...more });
  const ask = (content: string) => {
    const body = { model: 'openai/gpt-4o', messages: [{ role: 'user', content }], max_tokens: 400 };
    return gateway.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
  };
  // Key, account and circuits are known to the process from here on, and statistics were written a moment ago.
  await useOf(() => ask('What is a warm-up question?'));
  return ask;
};

describe('what a request costs in the store', () => {
  it('is what docs/cost.md says: missed, kept, told twice, refused', async () => {
    const ask = await caller();
    const miss = await useOf(() => ask('Why is the sky blue?'));
    expect(miss).toEqual(published('miss, answer kept'));
    await pause(WINDOW_MS);
    const firstHit = await useOf(() => ask('Why is the sky blue?'));
    expect(firstHit).toEqual(published('exact hit, first in a process'));
    expect(await useOf(() => ask('Why is the sky blue?'))).toEqual(published('exact hit'));
    expect(await useOf(() => ask('What is the news today?'))).toEqual(published('miss, answer not kept'));
  });

  it('is what docs/cost.md says: coalesced', async () => {
    const ask = await caller();
    const alone = await useOf(() => ask('Why is grass green?'));
    const both = await useOf(async () => {
      const first = ask('Why is snow white?');
      // Two charges of one account at the same moment are two tries for one of them.
      await pause(2 * STORE_CALL_MS);
      return Promise.all([first, ask('Why is snow white?')]);
    }, 2);
    expect({
      roundsBefore: 1,
      calls: both.calls - alone.calls,
      readUnits: both.readUnits - alone.readUnits,
      writeUnits: both.writeUnits - alone.writeUnits,
    }).toEqual(published('coalesced, in one process'));
  });

  it('is what docs/cost.md says: refused', async () => {
    const ask = await caller({ limits: { requestsPerMinute: 2 } });
    await useOf(() => ask('Why is ice cold?'));
    // The first refusal is written down.
    await useOf(() => ask('Why is ice cold, again?'));
    expect(await useOf(() => ask('Why is ice cold, once more?'))).toEqual(published('refused by a limit'));
  });
});
