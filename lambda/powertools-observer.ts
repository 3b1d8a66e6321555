import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { genAiAttributesOf } from './core/gen-ai.ts';
import { METRIC_NAMESPACE, METRICS, type MetricName, metricsOf } from './metrics.ts';
import type { Observer, RequestSummary } from './ports.ts';
import { providerSpans } from './provider-spans.ts';

const METERED = new Set(['POST /v1/chat/completions', 'POST /v2/chat', 'POST /v2/jobs']);

const ACCEPTED = 202;

/**
 * One log line and its EMF records a request, through Powertools, and a span for each call. Prompts, answers and error texts are
 * in none of them.
 */
export function powertoolsObserver(service: string, environment: NodeJS.ProcessEnv): Observer {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: service });

  /** Filled and published without a pause: a server may be telling of many requests at once. */
  function publish(values: Partial<Record<MetricName, number>>, model?: string): void {
    if (model !== undefined) metrics.addDimension('model', model);
    for (const [name, value] of Object.entries(values)) metrics.addMetric(name, METRICS[name as MetricName], value);
    metrics.publishStoredMetrics();
  }

  return {
    requestEnded(summary) {
      const { requestId, route, status, latencyMs, event, errorCode } = summary;
      const facts = { requestId, route, status, latencyMs, errorCode, event, ...thrownFacts(summary) };
      logger.info('request', { ...facts, ...(event ? genAiAttributesOf(event) : {}) });
      // Of the other routes API Gateway and Lambda have metrics of their own. A job that was accepted is counted when it ends.
      if (!METERED.has(route) || status === ACCEPTED) return;
      const { values, ofModel } = metricsOf(summary);
      publish(values);
      if (ofModel) publish(ofModel.values, ofModel.model);
    },

    providerCalled: providerSpans(environment),

    usageNotStored(event, cause) {
      logger.error('usage event not stored', { event, cause: nameOf(cause) });
      publish({ UsageNotStored: 1 });
    },

    settlementFailed(cause) {
      logger.error('settlement failed', { cause: nameOf(cause) });
      publish({ SettlementFailed: 1 });
    },

    reservationsReaped(count) {
      logger.warn('reservations reaped', { count });
      publish({ ReservationsReaped: count });
    },

    storeFailed(cause) {
      logger.warn('store failed', { cause: nameOf(cause) });
      publish({ StoreFailed: 1 });
    },

    circuitChanged(modelId, state) {
      logger.warn('circuit changed', { model: modelId, state });
      if (state === 'open') publish({ CircuitOpened: 1 });
    },

    providerKeyRefused(providerId) {
      logger.error('provider key refused', { provider: providerId });
      publish({ ProviderKeyRefused: 1 });
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
