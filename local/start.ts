import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type AdminGateway, composeAdminGateway } from '../lambda/admin/gateway.ts';
import { adminHandler } from '../lambda/admin/handler.ts';
import { composeAttemptPorts } from '../lambda/attempt/gateway.ts';
import { type BillingGateway, composeBillingGateway } from '../lambda/billing/gateway.ts';
import { billingHandler } from '../lambda/billing/handler.ts';
import { cacheHandler } from '../lambda/cache/handler.ts';
import { type ChatGateway, composeChatGateway } from '../lambda/chat/gateway.ts';
import { chatHandler } from '../lambda/chat/handler.ts';
import type { Configuration } from '../lambda/core/configuration.ts';
import type { Embedder } from '../lambda/embedding/embedder.ts';
import { composeExport, type ExportGateway } from '../lambda/export/gateway.ts';
import { exportHandler } from '../lambda/export/handler.ts';
import type { FeedbackGateway } from '../lambda/feedback/gateway.ts';
import { feedbackHandler } from '../lambda/feedback/handler.ts';
import type { Surroundings } from '../lambda/gateway.ts';
import type { HealthGateway } from '../lambda/health/gateway.ts';
import { healthHandler } from '../lambda/health/handler.ts';
import { valkeyHotTier } from '../lambda/hot-tier/valkey.ts';
import { composeJobsGateway, type JobsGateway, NOTHING_RESERVED } from '../lambda/jobs/gateway.ts';
import { jobsHandler } from '../lambda/jobs/handler.ts';
import { modelsHandler } from '../lambda/models/handler.ts';
import type { AlertSink, Observer } from '../lambda/ports.ts';
import type { RouteSuggestGateway } from '../lambda/route-suggest/gateway.ts';
import { routeSuggestHandler } from '../lambda/route-suggest/handler.ts';
import { budgetLeft } from '../lambda/store/budget-left.ts';
import { dynamoClient } from '../lambda/store/dynamo.ts';
import { usageEventsStore } from '../lambda/store/usage-events.ts';
import { usageSummariesStore } from '../lambda/store/usage-summaries.ts';
import { carryOutErasures, type ErasePorts } from '../lambda/sweep/erase.ts';
import { composeErasePorts } from '../lambda/sweep/gateway.ts';
import { deliverAlerts, type SweepPorts, sweepAccounts } from '../lambda/sweep/sweep.ts';
import { composeUsageGateway, type UsageGateway } from '../lambda/usage/gateway.ts';
import { usageHandler } from '../lambda/usage/handler.ts';
import { type NotifyPorts, notifyTask } from '../lambda/webhook/notify-task.ts';
import { sendWebhook } from '../lambda/webhook/send-webhook.ts';
import { attemptTask } from '../lambda/workflow/attempt-task.ts';
import { composeCallGateway } from '../lambda/workflow/gateway.ts';
import { createTables, embeddedClient, localTableName, startDynamo } from './dynamo.ts';
import { gatewayServer, type Handlers } from './http.ts';
import { type LocalKeys, seedKeys } from './keys.ts';
import { provideLambdaStreaming } from './lambda-streaming.ts';
import { listen, stop } from './listen.ts';
import { memoryCallLeases } from './memory-call-leases.ts';
import { realProviders, simulatedProviders } from './providers.ts';
import { type Pace, simulatedProvider } from './simulated/provider.ts';
import { localStateMachines } from './state-machines.ts';
import { workerEmbedder } from './worker-embedder.ts';

export interface LocalOptions {
  configuration: Configuration;
  /** Where keys and addresses of real providers are looked for. */
  environment: NodeJS.ProcessEnv;
  /** 0 takes any free port. */
  port: number;
  keys: LocalKeys;
  /** The folder of the embedded DynamoDB, in memory without; or the endpoint of one that runs already. */
  database: { folder: string | undefined } | { endpoint: string };
  /** A Valkey or Redis server as hot tier, `redis://host:port`; none without. */
  valkeyUrl?: string | undefined;
  /** How often alerts, sums and erasures are seen to; 5 s without. */
  sweepEveryMs?: number | undefined;
  /** How fast the simulated provider is. */
  pace: Pace;
  observer: Observer;
  /** Where budget alerts go. */
  alertSink: AlertSink;
  /** How webhooks are sent, for tests whose receiver has no public address. */
  sendWebhook?: NotifyPorts['send'];
}

/** A gateway that runs on this machine. */
export interface LocalGateway {
  url: string;
  /** Where its DynamoDB is. */
  endpoint: string;
  database: DynamoDBDocumentClient;
  /** Every client of the database. */
  databases: DynamoDBDocumentClient[];
  admin: AdminGateway;
  /** Ids of the real providers in use; empty when the simulated one answers. */
  realProviders: string[];
  close(): Promise<void>;
}

/** Starts everything a gateway needs, in this process and on 127.0.0.1 only. */
export async function startLocalGateway(options: LocalOptions): Promise<LocalGateway> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const { endpoint, database, onceDatabase } = await openDatabase(options.database, closers);
    const providers = realProviders(options.configuration, options.environment) ?? (await simulate(options, closers));
    const hotTier = options.valkeyUrl ? valkeyHotTier({ url: options.valkeyUrl }, Date.now) : undefined;
    if (hotTier) closers.push(hotTier.close);
    const sentenceEncoder = startEncoder(options.configuration, closers);
    const stopping = new AbortController();
    const surroundings: Surroundings = {
      configuration: providers.configuration,
      database,
      onceDatabase,
      tableName: localTableName,
      observer: options.observer,
      // The credentials of whoever starts it, looked for when the first call needs them.
      aws: dynamoClient().config,
      // A folder has one process.
      callLeases: 'folder' in options.database ? memoryCallLeases(Date.now) : undefined,
      hotTier,
      sentenceEncoder,
      stopping: stopping.signal,
    };
    const admin = composeAdminGateway(surroundings);
    await seedKeys(admin.accounts, admin.keys, options.keys);
    const calls = composeCallGateway(surroundings, providers.providerKeys);
    const attempts = composeAttemptPorts(calls, surroundings);
    const notifying = { ...admin, jobRuns: attempts.runs.job, send: options.sendWebhook ?? sendWebhook };
    const machines = localStateMachines({
      attempt: (position, signal) => attemptTask(attempts, position, signal),
      notify: (output) => notifyTask(notifying, output),
    });
    closers.push(machines.close);
    const chat = composeChatGateway(calls, surroundings, machines);
    const usage = composeUsageGateway(surroundings);
    const { usageDays } = options.configuration.retention;
    const usageSummaries = usageSummariesStore(database, localTableName('usage'), usageDays, chat.clock);
    closers.push(
      startSweeping(
        {
          ...admin,
          ...chat,
          usageSummaries,
          sink: options.alertSink,
          ...composeErasePorts(database, localTableName, usageDays, chat.clock),
        },
        options.sweepEveryMs,
      ),
    );
    const billing = composeBillingGateway(surroundings, async () => options.environment.STRIPE_WEBHOOK_SECRET);
    // The interpreter is part of this process, so it answers as long as we do.
    const stateMachines = { name: 'stepfunctions', isEssential: false, check: async () => {} };
    const valkey = hotTier ? [{ name: 'valkey', isEssential: false, check: hotTier.check }] : [];
    const handlers = handlersFor({
      ...usage,
      ledger: usageEventsStore(database, localTableName('usage'), usageDays, chat.clock),
      budgetLeft: budgetLeft(database, localTableName('usage'), chat.configuration.budgetRules, chat.clock),
      ...composeJobsGateway(surroundings, machines),
      ...composeExport(surroundings),
      ...billing,
      ...admin,
      ...chat,
      dependencies: [...chat.dependencies, stateMachines, ...valkey],
    });
    const server = gatewayServer(handlers, options.configuration.sizeLimits.requestBytes);
    const url = await listen(server, options.port);
    closers.push(async () => {
      stopping.abort();
      await stop(server);
      await server.settled();
    });
    return {
      url,
      endpoint,
      database,
      databases: [database, onceDatabase],
      admin,
      realProviders: providers.real,
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** The sentence encoder of the semantic cache in a thread of its own, where the configuration has one. */
function startEncoder({ caching }: Configuration, closers: (() => Promise<void>)[]): Embedder | undefined {
  const { isOn, embedder } = caching.semantic;
  if (!isOn || embedder.kind !== 'in process') return undefined;
  const encoder = workerEmbedder();
  closers.push(encoder.close);
  return encoder;
}

/** A deployed gateway sweeps every minute; here nobody should have to wait so long. */
const SWEEP_EVERY_MS = 5_000;

/** Sweeps from time to time. Answers with the function that stops it. */
function startSweeping(ports: SweepPorts & ErasePorts, everyMs = SWEEP_EVERY_MS): () => Promise<void> {
  let sweep: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    sweep = sweep
      .then(() => sweepAccounts(ports))
      .then(() => carryOutErasures(ports))
      .then(() => deliverAlerts(ports))
      .catch(() => {});
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await sweep;
  };
}

/** What the handlers of all functions need. */
export type WholeGateway = ChatGateway &
  AdminGateway &
  BillingGateway &
  Pick<JobsGateway, 'jobRuns' | 'jobStarter' | 'personalItems'> &
  HealthGateway &
  ExportGateway &
  RouteSuggestGateway &
  FeedbackGateway &
  UsageGateway;

/** The handlers of the deployed functions, in this process. */
export function handlersFor(gateway: WholeGateway): Handlers {
  provideLambdaStreaming();
  return {
    chat: chatHandler(gateway),
    jobs: jobsHandler({ ...gateway, budgets: NOTHING_RESERVED }),
    usage: usageHandler(gateway),
    export: exportHandler(gateway),
    cache: cacheHandler(gateway),
    models: modelsHandler(gateway),
    routeSuggest: routeSuggestHandler(gateway),
    feedback: feedbackHandler(gateway),
    health: healthHandler(gateway),
    admin: adminHandler(gateway),
    billing: billingHandler(gateway),
  };
}

async function openDatabase(
  where: LocalOptions['database'],
  closers: (() => Promise<void>)[],
): Promise<{ endpoint: string; database: DynamoDBDocumentClient; onceDatabase: DynamoDBDocumentClient }> {
  let endpoint: string;
  if ('endpoint' in where) endpoint = where.endpoint;
  else {
    const dynamo = await startDynamo(where.folder);
    closers.push(dynamo.close);
    endpoint = dynamo.endpoint;
  }
  const database = embeddedClient(endpoint);
  const onceDatabase = embeddedClient(endpoint, { maxAttempts: 1 });
  closers.push(async () => {
    database.destroy();
    onceDatabase.destroy();
  });
  await createTables(database);
  return { endpoint, database, onceDatabase };
}

async function simulate({ configuration, pace }: LocalOptions, closers: (() => Promise<void>)[]) {
  const server = simulatedProvider(pace);
  const url = await listen(server, 0);
  closers.push(() => stop(server));
  return simulatedProviders(configuration, url);
}
