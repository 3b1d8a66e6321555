import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import OpenAI from 'openai';
import { configuration } from '../../config/index.ts';
import type { BudgetAlert } from '../../lambda/core/budget-alert.ts';
import {
  type Configuration,
  type ConfigurationOverrides,
  mergeConfiguration,
} from '../../lambda/core/configuration.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import type { Observer } from '../../lambda/ports.ts';
import type { ProviderCall } from '../../lambda/provider-call.ts';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { localTableName, startDynamo } from '../../local/dynamo.ts';
import { listen, stop } from '../../local/listen.ts';
import { silentObserver } from '../../local/silent-observer.ts';
import { type LocalGateway, type LocalOptions, startLocalGateway } from '../../local/start.ts';

export const API_KEY = 'hg_key-of-the-tests';

/** A whole local gateway for a test, and what tests ask of one. */
export interface GatewayUnderTest extends LocalGateway {
  client: OpenAI;
  /** Lines of what the observer was told. */
  log: string[];
  /** Calls of providers that the observer was told of. */
  calls: ProviderCall[];
  /** Budget alerts that were delivered. */
  alerts: BudgetAlert[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The usage event of the request that got this response. */
  eventOf(response: { headers: Headers }): Promise<UsageEvent | undefined>;
  /** All events of the account the tests call as, or of another. */
  events(account?: string): Promise<UsageEvent[]>;
  /** Calls an admin route. */
  asAdmin(method: string, path: string, body?: object): Promise<Response>;
  /** A new account with these fields, and a key for it. */
  newCaller(fields: object, keyFields?: object): Promise<{ account: string; key: string; keyId: string }>;
}

const ADMIN_KEY = 'hg_admin-of-the-tests';

/** Our configuration without what reuses an answer: tests ask the same again and again, and mean it. */
const uncached: Configuration = {
  ...configuration,
  caching: { ...configuration.caching, isOn: false },
  deduplication: { ...configuration.deduplication, isOn: false },
};

/**
 * Without what follows a failed call, too: most tests ask what one failure looks like. Those about retries, fallbacks and
 * circuits say `isResilient`.
 */
const unforgiving: Configuration = {
  ...uncached,
  chains: {},
  retry: { ...configuration.retry, attempts: 1 },
  circuit: { ...configuration.circuit, failures: 1_000_000, manyCalls: 1_000_000 },
};

interface Options {
  /** With the retries, chains and circuits of our own configuration. */
  isResilient?: boolean;
  /** A provider of the test's own, in place of the simulated one. */
  provider?: string;
  overrides?: ConfigurationOverrides;
  environment?: NodeJS.ProcessEnv;
  sendWebhook?: LocalOptions['sendWebhook'];
  firstTokenMs?: number;
  tokenMs?: number;
  /** Beside another gateway on its database, as a second process would be. */
  beside?: GatewayUnderTest;
  valkeyUrl?: string;
  sweepEveryMs?: number;
  /** Told of everything, too. */
  observer?: Observer;
}

/** Tells one observer, then the other. */
function both(one: Observer, other: Observer): Observer {
  const names = Object.keys(one) as (keyof Observer)[];
  const told = names.map((name) => [
    name,
    (...what: never[]) => {
      for (const observer of [one, other]) (observer[name] as (...what: never[]) => void)(...what);
    },
  ]);
  return Object.fromEntries(told) as Observer;
}

export async function startGatewayUnderTest(options: Options = {}): Promise<GatewayUnderTest> {
  const log: string[] = [];
  const alerts: BudgetAlert[] = [];
  const calls: ProviderCall[] = [];
  // A database that others may use, too, as a deployed gateway's is.
  const dynamo = options.beside ? undefined : await startDynamo(undefined);
  const gateway = await startLocalGateway({
    configuration: mergeConfiguration(options.isResilient ? uncached : unforgiving, options.overrides ?? {}),
    environment: {
      ...options.environment,
      ...(options.provider ? { OPENAI_API_KEY: 'sk-provider-key', OPENAI_BASE_URL: `${options.provider}/v1` } : {}),
    },
    port: 0,
    keys: { apiKey: API_KEY, adminKey: ADMIN_KEY },
    database: { endpoint: options.beside?.endpoint ?? dynamo?.endpoint ?? '' },
    valkeyUrl: options.valkeyUrl,
    sweepEveryMs: options.sweepEveryMs,
    pace: { firstTokenMs: options.firstTokenMs ?? 0, tokenMs: options.tokenMs ?? 0 },
    ...(options.sendWebhook ? { sendWebhook: options.sendWebhook } : {}),
    alertSink: async (alert) => void alerts.push(alert),
    observer: both(options.observer ?? silentObserver, {
      requestEnded: (summary) => void log.push(JSON.stringify(summary)),
      providerCalled: (call) => void calls.push(call),
      settlementFailed: (cause) => void log.push(`not settled: ${cause}`),
      reservationsReaped: (count) => void log.push(`reaped ${count}`),
      storeFailed: (cause) => void log.push(`store failed: ${cause}`),
      circuitChanged: (modelId, state) => void log.push(`circuit ${modelId} ${state}`),
      providerKeyRefused: (providerId) => void log.push(`key refused ${providerId}`),
      usageNotStored: (event) => void log.push(`not stored: ${event.requestId}`),
    }),
  });
  const asAdmin = (method: string, path: string, body?: object) =>
    fetch(gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const store = usageEventsStore(gateway.database, localTableName('usage'), configuration.retention.usageDays);
  return {
    ...gateway,
    async close() {
      await gateway.close();
      await dynamo?.close();
    },
    log,
    alerts,
    calls,
    client: new OpenAI({ apiKey: API_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 }),
    get: (path, headers = {}) =>
      fetch(gateway.url + path, { headers: { authorization: `Bearer ${API_KEY}`, ...headers } }),
    post: (path, body, headers = {}) =>
      fetch(gateway.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
    eventOf: (response) => store.find('local', response.headers.get('x-headgate-request-id') ?? ''),
    async events(account = 'local') {
      const day = new Date().toISOString().slice(0, 10);
      const { Items = [] } = await gateway.database.send(
        new QueryCommand({
          TableName: localTableName('usage'),
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': `events#${account}#${day}` },
          ConsistentRead: true,
        }),
      );
      return Items as UsageEvent[];
    },
    asAdmin,
    async newCaller(fields, keyFields = {}) {
      const account = `account-${randomUUID()}`;
      await expectOk(await asAdmin('POST', '/v2/admin/accounts', { id: account, ...fields }));
      const created = await expectOk(await asAdmin('POST', '/v2/admin/keys', { account, ...keyFields }));
      return { account, key: created.key, keyId: created.id };
    },
  };
}

async function expectOk(response: Response) {
  const body = await bodyOf(response);
  if (!response.ok) throw new Error(JSON.stringify(body));
  return body;
}

/** A provider that does just what a test says, byte for byte. */
export async function startProvider(
  listener: RequestListener,
  port = 0,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  return { url: await listen(server, port), close: () => stop(server) };
}

/** Waits until something is so, at most five seconds. */
export async function eventually<Value>(look: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
  const giveUpAt = performance.now() + 5_000;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > giveUpAt) throw new Error('It did not happen within 5 s.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The JSON of a response, for tests to look into: what is not there fails them. */
// biome-ignore lint/suspicious/noExplicitAny: an assertion checks every part that a test reads
export async function bodyOf(response: Response): Promise<any> {
  return response.json();
}
