import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AnomalyDetectionAlarm,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarm,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { AlarmConfiguration, AlarmRule as Rule } from '../config/alarms.ts';
import type { GatewayFunction } from './functions.ts';
import { serviceMetric, sumOf } from './service-metrics.ts';

export interface AlarmsProps {
  configuration: AlarmConfiguration;
  topic: ITopic;
  /** The chat function first, then the others that tell metrics of requests. */
  callers: readonly GatewayFunction[];
  functions: readonly GatewayFunction[];
  tables: readonly TableV2[];
  machines: readonly StateMachine[];
  /** Where alerts and sweeps lie that could not be delivered. */
  undelivered: Queue;
}

const FIVE_MINUTES = 5;

/** CloudWatch takes so many metrics in an alarm's expression. */
const MOST_METRICS = 10;

/** The alarms of `config/alarms.ts`, those on what AWS counts by itself, and `Degraded` for all that callers notice. */
export class Alarms extends Construct {
  /** The alarms, the composite one first. */
  readonly all: IAlarm[] = [];
  private readonly topic: ITopic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { configuration, topic, callers, functions, tables, machines, undelivered } = props;
    this.topic = topic;
    const chat = callers[0] as GatewayFunction;
    const services = callers.map(({ serviceName }) => serviceName);
    const degrading: IAlarm[] = [];
    for (const rule of configuration.rules) {
      const alarm = this.onRule(rule, services);
      if (rule.isDegrading) degrading.push(alarm);
    }
    degrading.push(
      ...this.onAws('FunctionErrors', 'A function failed where it should have answered.', errorsOf(functions)),
      ...this.onAws('FunctionsThrottled', 'AWS throttles a function.', throttlesOf(functions)),
      ...this.onAws('TablesThrottled', 'DynamoDB throttles a table.', throttlesOfTables(tables)),
    );
    this.onAws(
      'MachineFailed',
      'An execution of a state machine failed, timed out or was aborted.',
      failuresOf(machines),
    );
    this.on('Undelivered', 'A budget alert or a sweep could not be delivered.', messagesIn(undelivered), 0);
    if (configuration.noTrafficMinutes !== undefined) this.onSilence(chat.serviceName, configuration.noTrafficMinutes);
    if (configuration.spendDeviations !== undefined) this.onSpending(chat.serviceName, configuration.spendDeviations);
    const degraded = new CompositeAlarm(this, 'Degraded', {
      alarmDescription: 'Callers notice: see which of the alarms below it is on. docs/runbook.md#degraded',
      alarmRule: AlarmRule.anyOf(...degrading),
    });
    degraded.addAlarmAction(new SnsAction(topic));
    this.all.unshift(degraded);
  }

  private onRule({ name, says, metrics, expression, above, minutes, by }: Rule, callers: readonly string[]): Alarm {
    const services = by === undefined ? callers : [by];
    const usingMetrics: Record<string, IMetric> = {};
    for (const [letter, { metric, statistic }] of Object.entries(metrics)) {
      // Percentiles of several functions cannot be added: answers are made by the first.
      const told = statistic === 'Sum' ? services : services.slice(0, 1);
      const each = told.map((service) => serviceMetric(metric, service, statistic, minutes));
      usingMetrics[letter] = each.length === 1 ? (each[0] as IMetric) : sumOf(each, metric, minutes, letter);
    }
    const metric = new MathExpression({ expression, usingMetrics, label: name, period: Duration.minutes(minutes) });
    return this.on(name, says, metric, above);
  }

  /** One alarm, or as many as it takes where there are more metrics than one may have. */
  private onAws(name: string, says: string, metrics: readonly IMetric[]): Alarm[] {
    const alarms: Alarm[] = [];
    for (let from = 0; from < metrics.length; from += MOST_METRICS) {
      const some = sumOf(metrics.slice(from, from + MOST_METRICS), name, FIVE_MINUTES);
      alarms.push(this.on(name, says, some, 0, from === 0 ? '' : String(from / MOST_METRICS + 1)));
    }
    return alarms;
  }

  private onSilence(service: string, minutes: number): void {
    const alarm = new Alarm(this, 'NoTraffic', {
      alarmDescription: `No request came for ${minutes} minutes. docs/runbook.md#notraffic`,
      metric: serviceMetric('Requests', service, 'Sum', minutes),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }

  private onSpending(service: string, stdDevs: number): void {
    const alarm = new AnomalyDetectionAlarm(this, 'SpendAnomaly', {
      alarmDescription: 'An hour cost more than is usual for it. docs/runbook.md#spendanomaly',
      metric: serviceMetric('CostMicroDollars', service, 'Sum', 60),
      stdDevs,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }

  private on(name: string, says: string, metric: IMetric, above: number, number = ''): Alarm {
    const alarm = new Alarm(this, name + number, {
      alarmDescription: `${says} docs/runbook.md#${name.toLowerCase()}`,
      metric,
      threshold: above,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.all.push(alarm);
    return alarm;
  }
}

function messagesIn(queue: Queue): IMetric {
  const period = Duration.minutes(FIVE_MINUTES);
  return queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
}

function errorsOf(functions: readonly GatewayFunction[]): IMetric[] {
  return functions.map((one) =>
    one.function.metricErrors({ period: Duration.minutes(FIVE_MINUTES), statistic: 'Sum' }),
  );
}

function throttlesOf(functions: readonly GatewayFunction[]): IMetric[] {
  const period = Duration.minutes(FIVE_MINUTES);
  return functions.map((one) => one.function.metricThrottles({ period, statistic: 'Sum' }));
}

function throttlesOfTables(tables: readonly TableV2[]): IMetric[] {
  const options = { period: Duration.minutes(FIVE_MINUTES), statistic: 'Sum' };
  return tables.flatMap((table) => [
    table.metric('ReadThrottleEvents', options),
    table.metric('WriteThrottleEvents', options),
  ]);
}

function failuresOf(machines: readonly StateMachine[]): IMetric[] {
  const period = Duration.minutes(FIVE_MINUTES);
  return machines.flatMap((machine) => [
    machine.metricFailed({ period, statistic: 'Sum' }),
    machine.metricTimedOut({ period, statistic: 'Sum' }),
    machine.metricAborted({ period, statistic: 'Sum' }),
  ]);
}
