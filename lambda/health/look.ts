import { setTimeout as pause } from 'node:timers/promises';
import {
  type HealthLevel,
  levelOf,
  type ModelHealth,
  modelHealth,
  overallLevel,
  type RecentCalls,
} from '../core/health.ts';
import { isJsonObject, type JsonObject } from '../core/json-body.ts';
import type { HealthGateway } from './gateway.ts';

/** The gateway's health: a level for each part, and what the models' levels were concluded from. */
export interface Health {
  status: HealthLevel;
  /** All that is essential answers. */
  isServing: boolean;
  dependencies: Record<string, HealthLevel>;
  /** What dependencies say of themselves. */
  details: Record<string, JsonObject>;
  providers: Record<string, HealthLevel>;
  models: Record<string, ModelHealth>;
}

/** One look at the stores serves any number of callers for so long. */
const REMEMBERED_MS = 2_000;

/** Nobody waits longer for a look: what was seen last is told, while it is not older than this. */
const PATIENCE_MS = 80;
const TOLD_FOR_MS = 10_000;

/** A first look may open connections. */
const FIRST_PATIENCE_MS = 1_000;

/** Looks at the gateway's health, at most every two seconds, and answers at once with what is known. */
export function healthLook(gateway: HealthGateway): () => Promise<Health> {
  const { clock } = gateway;
  let seen: Health | undefined;
  let seenAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  function look(): Promise<void> {
    looking ??= lookAround(gateway)
      .then((health) => {
        seen = health;
        seenAtMs = clock();
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  return async () => {
    if (seen && clock() - seenAtMs < REMEMBERED_MS) return seen;
    await Promise.race([look(), pause(seen ? PATIENCE_MS : FIRST_PATIENCE_MS, undefined, { ref: false })]);
    return seen && clock() - seenAtMs < TOLD_FOR_MS ? seen : blind(gateway);
  };
}

async function lookAround(gateway: HealthGateway): Promise<Health> {
  const { dependencies, circuits, modelStatistics, configuration, clock } = gateway;
  const [levels, known, recent] = await Promise.all([
    Promise.all(
      dependencies.map(async ({ name, isEssential, check }) => ({ name, isEssential, ...(await lookAt(check)) })),
    ),
    circuits.look(),
    modelStatistics.recent().catch(() => new Map<string, RecentCalls>()),
  ]);
  const models: Record<string, ModelHealth> = {};
  for (const id of Object.keys(configuration.models)) models[id] = modelHealth(known.get(id), recent.get(id), clock());
  const providers = providerLevels(gateway, models);
  return {
    status: overallLevel(levels, Object.values(providers)),
    isServing: levels.every(({ level, isEssential }) => level === 'healthy' || !isEssential),
    dependencies: Object.fromEntries(levels.map(({ name, level }) => [name, level])),
    details: Object.fromEntries(levels.flatMap(({ name, details }) => (details ? [[name, details]] : []))),
    providers,
    models,
  };
}

/** What has not answered by then does not answer. */
const CHECK_MS = 1_000;

async function lookAt(check: () => Promise<unknown>): Promise<{ level: HealthLevel; details?: JsonObject }> {
  const seen = check().then(
    (said): { level: HealthLevel; details?: JsonObject } => ({
      level: 'healthy',
      ...(isJsonObject(said) ? { details: said } : {}),
    }),
    () => ({ level: 'unhealthy' as const }),
  );
  return Promise.race([seen, pause(CHECK_MS, { level: 'unhealthy' as const }, { ref: false })]);
}

/** A provider is what its models that were called lately are; one that nobody has called is healthy. */
function providerLevels(
  { configuration }: HealthGateway,
  models: Record<string, ModelHealth>,
): Record<string, HealthLevel> {
  const levels: Record<string, HealthLevel[]> = {};
  for (const [id, { provider }] of Object.entries(configuration.models)) {
    levels[provider] ??= [];
    const { calls = 0, circuit = 'closed', status = 'healthy' } = models[id] ?? {};
    if (calls > 0 || circuit !== 'closed') levels[provider].push(status);
  }
  return Object.fromEntries(Object.entries(levels).map(([provider, of]) => [provider, levelOf(of)]));
}

/** When nothing can be seen, nothing can be served. */
function blind({ dependencies }: HealthGateway): Health {
  const levels = dependencies.map(({ name }) => [name, 'unhealthy' as const]);
  return {
    status: 'unhealthy',
    isServing: false,
    dependencies: Object.fromEntries(levels),
    details: {},
    providers: {},
    models: {},
  };
}
