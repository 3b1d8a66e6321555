import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { totalInputTokens, totalOutputTokens } from './core/usage.ts';
import type { UsageEvent } from './core/usage-event.ts';
import { METRIC_NAMESPACE, METRICS, type MetricName, metricsOf } from './metrics.ts';
import type { Observer, RequestSummary } from './ports.ts';

const METERED = new Set(['POST /v1/chat/completions', 'POST /v2/chat', 'POST /v2/jobs']);

const ACCEPTED = 202;

/** One log line and its EMF records a request, through Powertools. Prompts, answers and error texts are in neither. */
export function powertoolsObserver(service: string): Observer {
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
      logger.info('request', { ...facts, ...(event ? genAiAttributes(event) : {}) });
      // Of the other routes API Gateway and Lambda have metrics of their own. A job that was accepted is counted when it ends.
      if (!METERED.has(route) || status === ACCEPTED) return;
      const { values, ofModel } = metricsOf(summary);
      publish(values);
      if (ofModel) publish(ofModel.values, ofModel.model);
    },

    usageNotStored(event, cause) {
      logger.error('usage event not stored', { event, cause: nameOf(cause) });
      publish({ UsageNotStored: 1 });
    },

    settlementFailed(cause) {
      logger.error('settlement failed', { cause: nameOf(cause) });
      publish({ SettlementFailed: 1 });
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

/** The request in OpenTelemetry's words for generative AI (opentelemetry.io/docs/specs/semconv/gen-ai). */
function genAiAttributes({
  provider,
  model,
  requestedModel,
  finishReason,
  usage,
}: UsageEvent): Record<string, unknown> {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': requestedModel,
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': finishReason === undefined ? undefined : [finishReason],
    'gen_ai.usage.input_tokens': totalInputTokens(usage),
    'gen_ai.usage.output_tokens': totalOutputTokens(usage),
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
