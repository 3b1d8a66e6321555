import { type Circuit, type CircuitState, circuitState, NEW_CIRCUIT } from './circuit.ts';
import { type Histogram, percentile } from './histogram.ts';

export type HealthLevel = 'healthy' | 'degraded' | 'unhealthy';

/** Calls of one model lately. */
export interface RecentCalls {
  answered: number;
  failed: number;
  latencyMs: Histogram;
}

/** One model's health, with what it was concluded from. */
export interface ModelHealth {
  status: HealthLevel;
  circuit: CircuitState;
  /** When the circuit last opened or closed, epoch milliseconds; null when it never did. */
  sinceMs: number | null;
  /** Of the last five to ten minutes; null when there was no call. */
  successRate: number | null;
  calls: number;
  p50Ms: number | null;
  p95Ms: number | null;
  lastError: string | null;
  lastErrorAtMs: number | null;
}

/** Below this share of good answers a model is degraded, once there were enough calls to tell. */
const GOOD_SHARE = 0.9;
const ENOUGH_CALLS = 5;

/** A model's health: unhealthy while its circuit is open, degraded while it is looked at or fails often. */
export function modelHealth(
  circuit: Circuit = NEW_CIRCUIT,
  { answered, failed, latencyMs }: RecentCalls = { answered: 0, failed: 0, latencyMs: {} },
  nowMs: number,
): ModelHealth {
  const state = circuitState(circuit, nowMs);
  const calls = answered + failed;
  const successRate = calls === 0 ? null : answered / calls;
  const isFailing = calls >= ENOUGH_CALLS && successRate !== null && successRate < GOOD_SHARE;
  return {
    status: state === 'open' ? 'unhealthy' : state === 'half-open' || isFailing ? 'degraded' : 'healthy',
    circuit: state,
    sinceMs: circuit.changedAtMs ?? null,
    successRate,
    calls,
    p50Ms: percentile(latencyMs, 0.5) ?? null,
    p95Ms: percentile(latencyMs, 0.95) ?? null,
    lastError: circuit.lastError ?? null,
    lastErrorAtMs: circuit.lastErrorAtMs ?? null,
  };
}

/** The health of many together: that of all when they agree, otherwise degraded. None are healthy. */
export function levelOf(levels: readonly HealthLevel[]): HealthLevel {
  const [first = 'healthy'] = levels;
  return levels.every((level) => level === first) ? first : 'degraded';
}

/** Without what is essential nothing can be served; anything else that fails leaves the rest. */
export function overallLevel(
  dependencies: readonly { level: HealthLevel; isEssential: boolean }[],
  providers: readonly HealthLevel[],
): HealthLevel {
  const lost = dependencies.filter(({ level }) => level === 'unhealthy');
  if (lost.some(({ isEssential }) => isEssential)) return 'unhealthy';
  const level = levelOf(providers);
  return lost.length > 0 && level === 'healthy' ? 'degraded' : level;
}
