import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE, METRICS, type MetricName, metricsOf } from './metrics.ts';
import type { Observer, RequestSummary } from './ports.ts';

/** One log line and one EMF record a request, through Powertools. Prompts, answers and error texts are in neither. */
export function powertoolsObserver(service: string): Observer {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: service });

  /** Filled and published without a pause: a server may be telling of many requests at once. */
  function publish(dimensions: Record<string, string>, values: Partial<Record<MetricName, number>>): void {
    metrics.addDimensions(dimensions);
    for (const [name, value] of Object.entries(values)) metrics.addMetric(name, METRICS[name as MetricName], value);
    metrics.publishStoredMetrics();
  }

  return {
    requestEnded(summary) {
      const { dimensions, values } = metricsOf(summary);
      const { requestId, route, status, latencyMs, event } = summary;
      logger.info('request', { requestId, route, status, latencyMs, event, ...thrownFacts(summary) });
      publish(dimensions, values);
    },

    usageNotStored(event, cause) {
      logger.error('usage event not stored', { event, cause: nameOf(cause) });
      publish({}, { UsageNotStored: 1 });
    },

    settlementFailed(cause) {
      logger.error('settlement failed', { cause: nameOf(cause) });
      publish({}, { SettlementFailed: 1 });
    },

    storeFailed(cause) {
      logger.warn('store failed', { cause: nameOf(cause) });
      publish({}, { StoreFailed: 1 });
    },

    circuitChanged(modelId, state) {
      logger.warn('circuit changed', { model: modelId, state });
      if (state === 'open') publish({}, { CircuitOpened: 1 });
    },

    providerKeyRefused(providerId) {
      logger.error('provider key refused', { provider: providerId });
      publish({}, { ProviderKeyRefused: 1 });
    },
  };
}

/** The kinds of what was thrown and of what caused it. Their texts may quote a provider or a prompt. */
function thrownFacts({ error }: RequestSummary): { errorName?: string; causeName?: string } {
  if (!(error instanceof Error)) return {};
  const causeName = nameOf(error.cause);
  return { errorName: nameOf(error), ...(error.cause === undefined ? {} : { causeName }) };
}

function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  return 'code' in thrown && typeof thrown.code === 'string' ? `${thrown.name} ${thrown.code}` : thrown.name;
}
