import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, type MetricName } from '../lambda/metrics.ts';

/** A metric of one function, over so many minutes. */
export function serviceMetric(metricName: MetricName, service: string, statistic: string, minutes: number): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { service },
    statistic,
    period: Duration.minutes(minutes),
    label: metricName,
  });
}

/** A metric by model, as each of these functions tells it. */
export function modelSearch(metricName: MetricName, services: readonly string[], statistic: string): string {
  const schema = `{${METRIC_NAMESPACE},service,model}`;
  const among = services.map((service) => `"${service}"`).join(' OR ');
  return `SEARCH('${schema} service=(${among}) MetricName="${metricName}"', '${statistic}')`;
}

/** A sum over several metrics; each is 0 where it was not told. `prefix` begins their ids, which no other in an alarm may have. */
export function sumOf(metrics: readonly IMetric[], label: string, minutes: number, prefix = 'm'): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`${prefix}${index}`, metric]));
  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, label, period: Duration.minutes(minutes) });
}
