import { Duration, Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  LogQueryWidget,
  MathExpression,
  SearchExpression,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { MetricName } from '../lambda/metrics.ts';
import type { GatewayFunction } from './functions.ts';
import { modelSearch, serviceMetric, sumOf } from './service-metrics.ts';

export interface DashboardsProps {
  /** The chat function first, then the others that tell metrics of requests. */
  callers: readonly GatewayFunction[];
  sweep: GatewayFunction;
  alarms: readonly IAlarm[];
  functions: readonly GatewayFunction[];
  tables: readonly TableV2[];
  machines: readonly StateMachine[];
  api: RestApi;
}

const MINUTES = 5;
const PERIOD = Duration.minutes(MINUTES);
const WIDE = 24;
const HALF = 12;
const HIGH = 6;

/** Two dashboards, for who pays and for who mends, and the questions one asks of the logs. */
export class Dashboards extends Construct {
  constructor(scope: Construct, id: string, props: DashboardsProps) {
    super(scope, id);
    this.owners(props);
    this.engineers(props);
    this.queries(props.callers);
  }

  private owners({ callers, alarms }: DashboardsProps): void {
    const chat = callers[0] as GatewayFunction;
    const metric = (name: MetricName) => total(name, callers);
    const byModel = (name: MetricName, statistic: string) => search(name, callers, statistic);
    const dollars = (name: MetricName, label: string) =>
      ratio(`${name.toLowerCase()} / 1000000`, [name], callers, label);
    const share = (name: MetricName, label: string) =>
      ratio(`100 * ${name.toLowerCase()} / requests`, [name, 'Requests'], callers, label);
    const dashboard = new Dashboard(this, 'Owners', { defaultInterval: Duration.days(7) });
    dashboard.addWidgets(
      new SingleValueWidget({
        title: 'In the time that is shown',
        width: WIDE,
        height: 3,
        setPeriodToTimeRange: true,
        metrics: [
          metric('Requests'),
          dollars('CostMicroDollars', 'Spent, $'),
          dollars('SavedMicroDollars', 'Saved by cache and deduplication, $'),
          metric('CacheHits'),
          metric('Coalesced'),
          metric('Fallbacks'),
        ],
      }),
      graph('Requests, by how they ended', [
        metric('Answered'),
        metric('Rejected'),
        metric('Failed'),
        metric('Interrupted'),
        metric('ClientClosed'),
        metric('RateLimited'),
        metric('BudgetRefused'),
      ]),
      graph('Money, $', [dollars('CostMicroDollars', 'spent'), dollars('SavedMicroDollars', 'saved')]),
      graph('Latency of chats, ms', percentiles('LatencyMs', chat.serviceName)),
      graph('Time to first token, ms', percentiles('TimeToFirstTokenMs', chat.serviceName)),
      graph('Spent by model, micro-dollars', [byModel('CostMicroDollars', 'Sum')]),
      graph('Tokens', [metric('InputTokens'), metric('OutputTokens')]),
      graph('Health, % of requests', [share('Answered', 'answered'), share('Fallbacks', 'by a fallback')]),
      graph('Savings, % of requests', [share('CacheHits', 'kept answers'), share('Coalesced', 'shared calls')]),
      new AlarmStatusWidget({ title: 'Alarms', width: WIDE, height: HIGH, alarms: [...alarms] }),
    );
  }

  private engineers({ callers, sweep, functions, tables, machines, api }: DashboardsProps): void {
    const metric = (name: MetricName) => total(name, callers);
    const byModel = (name: MetricName, statistic: string) => search(name, callers, statistic);
    const dashboard = new Dashboard(this, 'Engineers', { defaultInterval: Duration.hours(3) });
    dashboard.addWidgets(
      new TextWidget({ width: WIDE, height: 1, markdown: 'What each alarm means, and what to do: docs/runbook.md' }),
      graph('Failures by model', [byModel('Failed', 'Sum')]),
      graph('Latency by model, p95 ms', [byModel('LatencyMs', 'p95')]),
      graph('Requests by model', [byModel('Requests', 'Sum')]),
      graph('Time to first token by model, p95 ms', [byModel('TimeToFirstTokenMs', 'p95')]),
      graph('Calls of providers', [
        metric('Attempts'),
        metric('Fallbacks'),
        metric('NobodyAnswered'),
        metric('EstimatedUsage'),
      ]),
      graph('What should not happen', [
        metric('StoreFailed'),
        metric('SettlementFailed'),
        metric('UsageNotStored'),
        metric('CircuitOpened'),
        metric('ProviderKeyRefused'),
        serviceMetric('ReservationsReaped', sweep.serviceName, 'Sum', MINUTES),
      ]),
      logs('By provider', callers, BY_PROVIDER),
      graph(
        'Functions: duration, p95 ms',
        functions.map((one) => one.function.metricDuration({ period: PERIOD, statistic: 'p95' })),
      ),
      graph(
        'Functions: errors and throttles',
        functions.flatMap((one) => [
          one.function.metricErrors({ period: PERIOD, statistic: 'Sum' }),
          one.function.metricThrottles({ period: PERIOD, statistic: 'Sum' }),
        ]),
      ),
      graph(
        'Functions at once',
        functions.map((one) => one.function.metric('ConcurrentExecutions', { period: PERIOD, statistic: 'Maximum' })),
      ),
      graph(
        'Tables: units written',
        tables.map((table) => table.metricConsumedWriteCapacityUnits({ period: PERIOD })),
      ),
      graph(
        'Tables: units read',
        tables.map((table) => table.metricConsumedReadCapacityUnits({ period: PERIOD })),
      ),
      graph('Tables: throttles', tables.flatMap(throttlesOf)),
      graph('Tables: latency, ms', tables.flatMap(latenciesOf)),
      graph('API Gateway', [
        api.metricCount({ period: PERIOD }),
        api.metricClientError({ period: PERIOD }),
        api.metricServerError({ period: PERIOD }),
      ]),
      graph('API Gateway: latency, p95 ms', [
        api.metricLatency({ period: PERIOD, statistic: 'p95' }),
        api.metricIntegrationLatency({ period: PERIOD, statistic: 'p95' }),
      ]),
      graph(
        'State machines',
        machines.flatMap((machine) => [
          machine.metricStarted({ period: PERIOD }),
          machine.metricFailed({ period: PERIOD }),
          machine.metricTimedOut({ period: PERIOD }),
        ]),
      ),
      graph(
        'State machines: time, p95 ms',
        machines.map((machine) => machine.metricTime({ period: PERIOD, statistic: 'p95' })),
      ),
      logs('The latest that failed', callers, FAILED),
    );
  }

  private queries(callers: readonly GatewayFunction[]): void {
    const queries: Record<string, string[]> = {
      'Failed requests': FAILED,
      'Slow requests': [
        'fields requestId, latencyMs, event.model, event.timeToFirstTokenMs, event.attempts',
        'filter message = "request" and route != "POST /v2/jobs" and latencyMs > 30000',
        'sort latencyMs desc',
        'limit 100',
      ],
      'Money by model': [
        'filter message = "request"',
        'stats sum(event.costMicroDollars) / 1000000 as dollars, count(*) as requests by event.model',
        'sort dollars desc',
      ],
      'Money by account': [
        'filter message = "request"',
        'stats sum(event.costMicroDollars) / 1000000 as dollars, count(*) as requests by event.account',
        'sort dollars desc',
      ],
      'Money by provider': BY_PROVIDER,
      'Events that were not stored': ['fields event', 'filter message = "usage event not stored"', 'limit 1000'],
    };
    for (const [name, lines] of Object.entries(queries)) {
      new QueryDefinition(this, name.replaceAll(' ', ''), {
        queryDefinitionName: `${Stack.of(this).stackName}/${name}`,
        queryString: new QueryString(partsOf(lines)),
        logGroups: callers.map((one) => one.function.logGroup),
      });
    }
  }
}

const FAILED = [
  'fields @timestamp, requestId, status, errorCode, event.model, event.attempts, causeName',
  'filter message = "request" and status >= 500',
  'sort @timestamp desc',
  'limit 50',
];

const BY_PROVIDER = [
  'filter message = "request" and ispresent(event.provider)',
  'stats count(*) as requests, sum(strcontains(event.outcome, "failed")) as failed, pct(event.latencyMs, 95) as p95Ms, sum(event.costMicroDollars) / 1000000 as dollars by event.provider',
  'sort requests desc',
];

/** CDK writes each part with its own word in front. */
function partsOf(lines: readonly string[]) {
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [fields] = after('fields');
  const [stats] = after('stats');
  const [sort] = after('sort');
  const [limit] = after('limit');
  return {
    ...(fields ? { fields: fields.split(', ') } : {}),
    filterStatements: after('filter'),
    ...(stats ? { statsStatements: [stats] } : {}),
    ...(sort ? { sort } : {}),
    ...(limit ? { limit: Number(limit) } : {}),
  };
}

/** A metric of all these functions together. */
function total(name: MetricName, callers: readonly GatewayFunction[]): IMetric {
  const each = callers.map(({ serviceName }) => serviceMetric(name, serviceName, 'Sum', MINUTES));
  return sumOf(each, name, MINUTES, name.toLowerCase());
}

/** An expression about metrics of all these functions, by their names in small letters. */
function ratio(
  expression: string,
  names: readonly MetricName[],
  callers: readonly GatewayFunction[],
  label: string,
): IMetric {
  const usingMetrics = Object.fromEntries(names.map((name) => [name.toLowerCase(), total(name, callers)]));
  return new MathExpression({ expression, usingMetrics, label, period: PERIOD });
}

function throttlesOf(table: TableV2): IMetric[] {
  return ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
    table.metric(name, { period: PERIOD, statistic: 'Sum' }),
  );
}

function latenciesOf(table: TableV2): IMetric[] {
  return ['GetItem', 'Query', 'PutItem', 'UpdateItem'].map((Operation) =>
    table.metric('SuccessfulRequestLatency', {
      period: PERIOD,
      statistic: 'Average',
      dimensionsMap: { TableName: table.tableName, Operation },
    }),
  );
}

/** What a question to the functions' logs comes to. */
function logs(title: string, callers: readonly GatewayFunction[], queryLines: string[]): LogQueryWidget {
  const logGroupNames = callers.map((one) => one.function.logGroup.logGroupName);
  return new LogQueryWidget({ title, width: WIDE, height: HIGH, logGroupNames, queryLines });
}

function percentiles(name: MetricName, service: string): IMetric[] {
  return ['p50', 'p95', 'p99'].map((statistic) =>
    serviceMetric(name, service, statistic, MINUTES).with({ label: statistic }),
  );
}

function search(name: MetricName, callers: readonly GatewayFunction[], statistic: string): SearchExpression {
  return new SearchExpression({
    expression: modelSearch(
      name,
      callers.map(({ serviceName }) => serviceName),
      statistic,
    ),
    label: '',
    period: PERIOD,
  });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: HALF, height: HIGH });
}
