import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { deployment } from '../../config/deployment.ts';
import { configuration } from '../../config/index.ts';
import { DataStack } from '../../lib/data-stack.ts';
import { GatewayStack } from '../../lib/gateway-stack.ts';
import { HOURS_A_MONTH, AWS_PRICES as PRICES } from './aws-prices.ts';

export interface IdleLine {
  what: string;
  dollarsAMonth: number;
}

/** The sweep's minute with nothing to do: two queries that find nothing, of half a unit each, and 60 ms of a function of 256 MB. */
const SWEEP = { readUnits: 1, milliseconds: 60, gigabytes: 0.25, logBytes: 1_000 };

/** What the default stack costs in a month without a request, counted in its template. */
export function idleBill(): IdleLine[] {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });
  const data = new DataStack(app, 'HeadgateData', { deployment });
  const stack = new GatewayStack(app, 'Headgate', { data, deployment, configuration, operatorModule: undefined });
  const template = Template.fromStack(stack);
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  const isAnomaly = (alarm: object) => JSON.stringify(alarm).includes('ANOMALY_DETECTION');
  const metrics = alarms
    .filter((alarm) => !isAnomaly(alarm))
    .reduce((sum, { Properties }) => sum + watched(Properties.Metrics), 0);
  const paid = Math.max(0, metrics - PRICES.freeAlarmMetrics);
  const dashboards = Object.keys(template.findResources('AWS::CloudWatch::Dashboard')).length;
  const secrets = Object.keys(template.findResources('AWS::SecretsManager::Secret')).length;
  const composites = Object.keys(template.findResources('AWS::CloudWatch::CompositeAlarm')).length;
  const anomalies = alarms.filter(isAnomaly).length;
  const minutes = HOURS_A_MONTH * 60;
  const sweepTime = (minutes * SWEEP.milliseconds * SWEEP.gigabytes * PRICES.lambdaGigabyteSecond) / 1_000;
  return [
    {
      what: `${metrics} metrics under alarms, ${PRICES.freeAlarmMetrics} of them free`,
      dollarsAMonth: paid * PRICES.alarmMetricMonth,
    },
    { what: `${composites} composite alarm`, dollarsAMonth: composites * PRICES.compositeAlarmMonth },
    { what: `${anomalies} anomaly alarm`, dollarsAMonth: anomalies * PRICES.anomalyAlarmMonth },
    {
      what: `${dashboards} dashboards, ${PRICES.freeDashboards} free`,
      dollarsAMonth: Math.max(0, dashboards - PRICES.freeDashboards) * PRICES.dashboardMonth,
    },
    { what: `${secrets} secret`, dollarsAMonth: secrets * PRICES.secretMonth },
    {
      what: 'the sweep: functions',
      dollarsAMonth: sweepTime + (minutes * PRICES.lambdaRequestsPerMillion) / 1_000_000,
    },
    {
      what: 'the sweep: traces, logs, reads',
      dollarsAMonth:
        (minutes * (PRICES.tracesPerMillion + SWEEP.readUnits * PRICES.readUnitsPerMillion)) / 1_000_000 +
        (minutes * SWEEP.logBytes * PRICES.logGigabyte) / 1e9,
    },
    { what: 'API, functions, tables, machines, topic', dollarsAMonth: 0 },
  ];
}

/** How many metrics an alarm watches: an expression is none itself. */
function watched(metrics: { MetricStat?: object }[] | undefined): number {
  return metrics === undefined ? 1 : metrics.filter(({ MetricStat }) => MetricStat).length;
}
