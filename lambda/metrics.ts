import { totalInputTokens, totalOutputTokens } from './core/usage.ts';
import type { Outcome, UsageEvent } from './core/usage-event.ts';
import type { RequestSummary } from './ports.ts';

export const METRIC_NAMESPACE = 'Headgate';

/** The metrics as data: what the handlers emit is what dashboards and alarms may name. Each has the dimension `service`. */
export const METRICS = {
  Requests: 'Count',
  Answered: 'Count',
  Failed: 'Count',
  Rejected: 'Count',
  Interrupted: 'Count',
  ClientClosed: 'Count',
  RateLimited: 'Count',
  BudgetRefused: 'Count',
  LatencyMs: 'Milliseconds',
  TimeToFirstTokenMs: 'Milliseconds',
  InputTokens: 'Count',
  OutputTokens: 'Count',
  CostMicroDollars: 'Count',
  SavedMicroDollars: 'Count',
  CacheHits: 'Count',
  Coalesced: 'Count',
  Attempts: 'Count',
  Fallbacks: 'Count',
  NobodyAnswered: 'Count',
  EstimatedUsage: 'Count',
  UsageNotStored: 'Count',
  SettlementFailed: 'Count',
  ReservationsReaped: 'Count',
  StoreFailed: 'Count',
  CircuitOpened: 'Count',
  ProviderKeyRefused: 'Count',
} as const;

/** Those that are emitted once more by model, `model` being the only dimension beside `service`: each is a paid metric. */
export const MODEL_METRICS = ['Requests', 'Failed', 'LatencyMs', 'TimeToFirstTokenMs', 'CostMicroDollars'] as const;

export type MetricName = keyof typeof METRICS;

type Values = Partial<Record<MetricName, number>>;

const OUTCOME_METRIC: Readonly<Record<Outcome, MetricName>> = {
  answered: 'Answered',
  interrupted: 'Interrupted',
  client_closed: 'ClientClosed',
  failed: 'Failed',
  rejected: 'Rejected',
};

/** What a refusal by a limit is counted as: it leaves no event. */
const REFUSALS: Readonly<Record<string, MetricName>> = {
  rate_limit_exceeded: 'RateLimited',
  locked_out: 'RateLimited',
  budget_exhausted: 'BudgetRefused',
};

/**
 * The values of one request, of all models together and of the one that answered or was tried last. Users, accounts, keys and
 * tags are never a dimension: each would be a paid metric.
 */
export function metricsOf({ event, latencyMs, errorCode }: RequestSummary): {
  values: Values;
  ofModel?: { model: string; values: Values };
} {
  if (!event) {
    const refusal = REFUSALS[errorCode ?? ''];
    return { values: { Requests: 1, LatencyMs: latencyMs, ...(refusal ? { [refusal]: 1 } : {}) } };
  }
  if (event.side !== undefined) return sideCallMetrics(event);
  const values = valuesOf(event, latencyMs);
  if (event.model === undefined || event.attempts === 0) return { values };
  const ofModel = MODEL_METRICS.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]);
  return { values, ofModel: { model: event.model, values: Object.fromEntries(ofModel) } };
}

/** What a side call cost, and nothing else: no caller made the request. */
function sideCallMetrics({ model, usage, costMicroDollars }: UsageEvent): ReturnType<typeof metricsOf> {
  const cost = { CostMicroDollars: costMicroDollars };
  const values = { InputTokens: totalInputTokens(usage), OutputTokens: totalOutputTokens(usage), ...cost };
  return { values, ...(model === undefined ? {} : { ofModel: { model, values: cost } }) };
}

function valuesOf(event: UsageEvent, latencyMs: number): Values {
  const {
    usage,
    attempts,
    costMicroDollars,
    savedMicroDollars = 0,
    cache,
    timeToFirstTokenMs,
    attemptLog = [],
  } = event;
  const isFallback = attemptLog.some(({ model }) => model !== attemptLog[0]?.model);
  const values: Values = {
    Requests: 1,
    [OUTCOME_METRIC[event.outcome]]: 1,
    LatencyMs: latencyMs,
    InputTokens: totalInputTokens(usage),
    OutputTokens: totalOutputTokens(usage),
    CostMicroDollars: costMicroDollars,
    Attempts: attempts,
  };
  const marks: [MetricName, number][] = [
    ['SavedMicroDollars', savedMicroDollars],
    ['CacheHits', cache === 'exact' || cache === 'semantic' ? 1 : 0],
    ['Coalesced', cache === 'coalesced' ? 1 : 0],
    ['Fallbacks', isFallback ? 1 : 0],
    ['NobodyAnswered', event.errorCode?.startsWith('provider_') && event.outcome === 'failed' ? 1 : 0],
    ['EstimatedUsage', usage.estimated && attempts > 0 ? 1 : 0],
  ];
  for (const [name, value] of marks) if (value > 0) values[name] = value;
  // What a cache answers says nothing about a model's speed.
  if (timeToFirstTokenMs !== undefined && attempts > 0) values.TimeToFirstTokenMs = timeToFirstTokenMs;
  return values;
}
