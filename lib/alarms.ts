import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { METRIC_NAMESPACE, type MetricName } from '../lambda/metrics.ts';
import type { GatewayFunction } from './functions.ts';

const METRIC: MetricName = 'ProviderKeyRefused';

/** What only an operator can mend, told to the alert topic: a provider refuses our key or money to one of the callers. */
export function alarmOnRefusedKeys(topic: ITopic, callers: readonly GatewayFunction[]): void {
  for (const caller of callers) {
    const alarm = new Alarm(caller, METRIC, {
      alarmDescription: 'A provider refuses the key, or has no credit left for it. The log line names the provider.',
      metric: new Metric({
        namespace: METRIC_NAMESPACE,
        metricName: METRIC,
        dimensionsMap: { service: caller.serviceName },
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}
