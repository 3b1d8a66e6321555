import { configuration } from '../config/index.ts';
import { hashApiKey } from '../lambda/core/api-key.ts';
import { callerTerms } from '../lambda/core/terms.ts';
import { httpUpstream } from '../lambda/providers/http-upstream.ts';
import { NO_CEILING } from '../lambda/store/global-ceiling.ts';
import { gatewayServer } from '../local/http.ts';
import { listen } from '../local/listen.ts';
import { silentObserver } from '../local/silent-observer.ts';
import { handlersFor, startLocalGateway, type WholeGateway } from '../local/start.ts';
import { withoutStores } from '../local/without-stores.ts';
import { serveParent } from './child.ts';

/**
 * A gateway for the bench: `full` as a user runs it, but that no answer is kept; `cached`, which keeps them; both also serve an account with limits and budgets that are never
 * reached; `bare` with every policy off, so without any store.
 */
const { BENCH_MODE: mode, BENCH_UPSTREAM: upstream = '', BENCH_DYNAMO: dynamo = '' } = process.env;
const unlimited = callerTerms({ tier: 'none' }, {}, { none: {} }, 'none');

/** With unlimited callers no limit, budget or account is ever asked for. */
const unused = {} as never;
const keys = { apiKey: 'bench-key', adminKey: 'bench-admin-key' };

async function startFull(isCached: boolean): Promise<string> {
  const environment = { OPENAI_API_KEY: 'provider-key', OPENAI_BASE_URL: `${upstream}/v1` };
  const pace = { firstTokenMs: 0, tokenMs: 0 };
  const database = { endpoint: dynamo };
  const started = await startLocalGateway({
    configuration: { ...configuration, caching: { ...configuration.caching, isOn: isCached } },
    environment,
    port: 0,
    keys,
    database,
    pace,
    observer: silentObserver,
    alertSink: async () => {},
  });
  const { accounts, keys: apiKeys } = started.admin;
  const limits = { requestsPerMinute: 1e9, tokensPerMinute: 1e12, callsInFlight: 200 };
  const account = await accounts.create('limited', { tier: 'master', limits, budgets: { dayMicroDollars: 1e12 } });
  if (account) await apiKeys.put(hashApiKey('bench-limits-key'), { role: 'caller', label: '', terms: {} }, account);
  return started.url;
}

async function startBare(): Promise<string> {
  const { openai } = configuration.providers;
  if (!openai) throw new Error('The bench needs the provider openai.');
  const providers = { ...configuration.providers, openai: { ...openai, baseUrl: `${upstream}/v1` } };
  const gateway: WholeGateway = {
    configuration: {
      ...configuration,
      providers,
      caching: { ...configuration.caching, isOn: false },
      deduplication: { ...configuration.deduplication, isOn: false },
    },
    clock: Date.now,
    callers: { find: async () => ({ account: 'bench', keyId: 'bench', role: 'caller', terms: unlimited }) },
    rateLimits: unused,
    budgets: { prepare: async () => {} } as never,
    ceiling: NO_CEILING,
    alerts: unused,
    accounts: unused,
    keys: unused,
    unlock: unused,
    jobRuns: unused,
    jobStarter: unused,
    personalItems: unused,
    ledger: unused,
    usageSummaries: unused,
    erasures: unused,
    eventsBetween: unused,
    budgetLeft: unused,
    signForAws: unused,
    ...withoutStores,
    promptModel: unused,
    learnedQuality: unused,
    stripeWebhookSecret: unused,
    usageEvents: { record: async () => true },
    providerKeys: { find: async () => 'provider-key' },
    upstream: httpUpstream(),
    observer: silentObserver,
    dependencies: [],
  };
  return listen(gatewayServer(handlersFor(gateway), configuration.sizeLimits.requestBytes), 0);
}

serveParent(mode === 'full' || mode === 'cached' ? await startFull(mode === 'cached') : await startBare());
