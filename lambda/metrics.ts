import { totalInputTokens, totalOutputTokens } from './core/usage.ts';
import type { RequestSummary } from './ports.ts';

export const METRIC_NAMESPACE = 'Headgate';

/** The metrics as data: what the handlers emit is what dashboards and alarms may name. */
export const METRICS = {
  Requests: 'Count',
  LatencyMs: 'Milliseconds',
  TimeToFirstTokenMs: 'Milliseconds',
  InputTokens: 'Count',
  OutputTokens: 'Count',
  CostMicroDollars: 'Count',
  UsageNotStored: 'Count',
  SettlementFailed: 'Count',
  StoreFailed: 'Count',
  CircuitOpened: 'Count',
  ProviderKeyRefused: 'Count',
} as const;

export type MetricName = keyof typeof METRICS;

/** The values of one chat request. Users, accounts and keys are never a dimension: each would be a paid metric. */
export function metricsOf({ event, latencyMs }: RequestSummary): {
  dimensions: Record<string, string>;
  values: Partial<Record<MetricName, number>>;
} {
  if (!event) return { dimensions: {}, values: { Requests: 1, LatencyMs: latencyMs } };
  return {
    dimensions: { outcome: event.outcome, model: event.model ?? 'none', provider: event.provider ?? 'none' },
    values: {
      Requests: 1,
      LatencyMs: latencyMs,
      InputTokens: totalInputTokens(event.usage),
      OutputTokens: totalOutputTokens(event.usage),
      CostMicroDollars: event.costMicroDollars,
      ...(event.timeToFirstTokenMs === undefined ? {} : { TimeToFirstTokenMs: event.timeToFirstTokenMs }),
    },
  };
}
