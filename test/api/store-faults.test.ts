import { afterEach, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import type { ChatGateway } from '../../lambda/chat/gateway.ts';
import { callerTerms } from '../../lambda/core/terms.ts';
import { httpUpstream } from '../../lambda/providers/http-upstream.ts';
import { NO_CEILING } from '../../lambda/store/global-ceiling.ts';
import { gatewayServer } from '../../local/http.ts';
import { listen, stop } from '../../local/listen.ts';
import { simulatedProviders } from '../../local/providers.ts';
import { simulatedProvider } from '../../local/simulated/provider.ts';
import { handlersFor, type WholeGateway } from '../../local/start.ts';
import { withoutStores } from '../../local/without-stores.ts';
import { bodyOf } from './gateway-under-test.ts';

let close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close) await one();
  close = [];
});

const UNUSED = {} as never;
/** One call a model, so that its failure shows at once. */
const once = { ...configuration, retry: { ...configuration.retry, attempts: 1 } };
const UNLIMITED = callerTerms({ tier: 'none' }, {}, { none: {} }, 'none');
const down = () => Promise.reject(new Error('the table is gone, says arn:aws:dynamodb:secret'));

/** A gateway whose stores fail as the test says. */
async function start(stores: Partial<ChatGateway>): Promise<{ url: string; log: string[] }> {
  const log: string[] = [];
  const provider = simulatedProvider({ firstTokenMs: 0, tokenMs: 0 });
  const gateway: WholeGateway = {
    ...simulatedProviders(once, await listen(provider, 0)),
    clock: Date.now,
    callers: { find: async () => ({ account: 'a', keyId: 'k', role: 'caller', terms: UNLIMITED }) },
    rateLimits: UNUSED,
    budgets: { prepare: async () => {} } as never,
    ceiling: NO_CEILING,
    alerts: UNUSED,
    accounts: UNUSED,
    keys: UNUSED,
    unlock: UNUSED,
    jobRuns: UNUSED,
    jobStarter: UNUSED,
    personalItems: UNUSED,
    ledger: UNUSED,
    usageSummaries: UNUSED,
    erasures: UNUSED,
    eventsBetween: UNUSED,
    budgetLeft: UNUSED,
    signForAws: UNUSED,
    ...withoutStores,
    promptModel: UNUSED,
    learnedQuality: UNUSED,
    stripeWebhookSecret: UNUSED,
    usageEvents: { record: async () => true },
    upstream: httpUpstream(),
    observer: {
      storeFailed() {},
      reservationsReaped() {},
      circuitChanged() {},
      providerKeyRefused() {},
      providerCalled() {},
      requestEnded: ({ status }) => void log.push(`ended ${status}`),
      settlementFailed: () => void log.push('not settled'),
      usageNotStored: (event) => void log.push(`not stored ${event.outcome} ${event.costMicroDollars}`),
    },
    dependencies: [],
    ...stores,
  };
  const server = gatewayServer(handlersFor(gateway), 1_000_000);
  close.push(
    () => stop(server),
    () => stop(provider),
  );
  return { url: await listen(server, 0), log };
}

const ask = (url: string, stream = false, content = 'hi', headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer hg_x', ...headers },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }], stream }),
  });

describe('when the store fails', () => {
  it('nobody is let in: 503, to be tried again, without a word of the store', async () => {
    const { url } = await start({ callers: { find: down } });
    const response = await ask(url);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    const text = await response.text();
    expect(JSON.parse(text).error.code).toBe('store_unavailable');
    expect(text).not.toContain('arn:');
  });

  it('a fallback with a limit is not asked, unless requests may pass without the store', async () => {
    const limited = callerTerms({ tier: 't' }, {}, { t: { modelRequestsPerMinute: { 'openai/gpt-4.1': 5 } } }, 't');
    const stores: Partial<ChatGateway> = {
      callers: { find: async () => ({ account: 'a', keyId: 'k', role: 'caller', terms: limited }) },
      rateLimits: { admit: down } as never,
    };
    const open = { ...once, withoutStore: { rateLimits: { requestsPerMinute: 5 } } };
    const closed = await start(stores);
    const passing = await start({ ...stores, configuration: open });
    const fallBack = (url: string) => ask(url, false, 'simulate:status=500', { 'x-headgate-fallbacks': 'gpt-4.1' });
    const refused = await fallBack(closed.url);
    expect([refused.status, refused.headers.get('x-headgate-attempts')]).toEqual([503, '1']);
    expect((await bodyOf(refused)).error.code).toBe('store_unavailable');
    expect((await fallBack(passing.url)).headers.get('x-headgate-attempts')).toBe('2');
  });

  it('an answer that was made is delivered, and its usage event told to the log', async () => {
    const { url, log } = await start({ usageEvents: { record: down } });
    expect((await ask(url)).status).toBe(200);
    expect(await (await ask(url, true)).text()).toContain('[DONE]');
    expect(log.filter((line) => line.startsWith('not stored answered'))).toHaveLength(2);
    expect(log.filter((line) => line === 'ended 200')).toHaveLength(2);
  });

  it('the health route says so with a 503', async () => {
    const { url } = await start({ dependencies: [{ name: 'dynamodb', isEssential: true, check: down }] });
    const response = await fetch(`${url}/v2/health`);
    expect(response.status).toBe(503);
    expect(await bodyOf(response)).toMatchObject({ status: 'unhealthy', dependencies: { dynamodb: 'unhealthy' } });
  });

  it('the health route answers at once with what it knows while a store is silent', async () => {
    let isSilent = false;
    const check = () => (isSilent ? new Promise<never>(() => {}) : Promise.resolve());
    const { url } = await start({ dependencies: [{ name: 'stepfunctions', isEssential: false, check }] });
    expect((await fetch(`${url}/v2/health`)).status).toBe(200);
    isSilent = true;
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const startedAt = performance.now();
    expect((await fetch(`${url}/v2/health`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(300);
  });

  it('a dependency that is not essential leaves the gateway degraded', async () => {
    const { url } = await start({ dependencies: [{ name: 'stepfunctions', isEssential: false, check: down }] });
    const response = await fetch(`${url}/v2/health`);
    expect([response.status, (await bodyOf(response)).status]).toEqual([200, 'degraded']);
  });
});

describe('a fault of our own', () => {
  it('is a bare 500', async () => {
    const { url, log } = await start({ configuration: { ...configuration, providers: {} } });
    const response = await ask(url);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text).error.code).toBe('internal_error');
    expect(text).not.toMatch(/TypeError|Cannot|handler/);
    expect(log).toContain('ended 500');
  });
});
