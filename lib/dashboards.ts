import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Dashboard,
  GraphWidget,
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
import { modelSearch, serviceMetric } from './service-metrics.ts';

export interface DashboardsProps {
  chat: GatewayFunction;
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
    this.owners(props.chat);
    this.engineers(props);
    this.queries(props.chat);
  }

  private owners({ serviceName }: GatewayFunction): void {
    const metric = (name: MetricName, statistic = 'Sum') => serviceMetric(name, serviceName, statistic, MINUTES);
    const dollars = (name: MetricName, label: string) => {
      const usingMetrics = { [name.toLowerCase()]: metric(name) };
      return new MathExpression({ expression: `${name.toLowerCase()} / 1000000`, usingMetrics, label, period: PERIOD });
    };
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
      graph('Latency, ms', percentiles('LatencyMs', serviceName)),
      graph('Time to first token, ms', percentiles('TimeToFirstTokenMs', serviceName)),
      graph('Spent by model, micro-dollars', [search('CostMicroDollars', 'Sum')]),
      graph('Tokens', [metric('InputTokens'), metric('OutputTokens')]),
    );
  }

  private engineers({ chat, functions, tables, machines, api }: DashboardsProps): void {
    const metric = (name: MetricName, service = chat.serviceName) => serviceMetric(name, service, 'Sum', MINUTES);
    const dashboard = new Dashboard(this, 'Engineers', { defaultInterval: Duration.hours(3) });
    dashboard.addWidgets(
      new TextWidget({ width: WIDE, height: 1, markdown: 'What each alarm means, and what to do: docs/runbook.md' }),
      graph('Failures by model', [search('Failed', 'Sum')]),
      graph('Latency by model, p95 ms', [search('LatencyMs', 'p95')]),
      graph('Requests by model', [search('Requests', 'Sum')]),
      graph('Time to first token by model, p95 ms', [search('TimeToFirstTokenMs', 'p95')]),
      graph('Calls of providers', [metric('Attempts'), metric('Fallbacks'), metric('EstimatedUsage')]),
      graph('What should not happen', [
        metric('StoreFailed'),
        metric('SettlementFailed'),
        metric('UsageNotStored'),
        metric('CircuitOpened'),
        metric('ProviderKeyRefused'),
      ]),
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
      graph('API Gateway', [
        api.metricCount({ period: PERIOD }),
        api.metricClientError({ period: PERIOD }),
        api.metricServerError({ period: PERIOD }),
      ]),
      graph(
        'State machines',
        machines.flatMap((machine) => [
          machine.metricStarted({ period: PERIOD }),
          machine.metricFailed({ period: PERIOD }),
          machine.metricTimedOut({ period: PERIOD }),
        ]),
      ),
      new LogQueryWidget({
        title: 'The latest that failed',
        width: WIDE,
        height: HIGH,
        logGroupNames: [chat.function.logGroup.logGroupName],
        queryLines: FAILED,
      }),
    );
  }

  private queries({ function: chat }: GatewayFunction): void {
    const queries: Record<string, string[]> = {
      'Failed requests': FAILED,
      'Slow requests': [
        'fields requestId, latencyMs, event.model, event.timeToFirstTokenMs, event.attempts',
        'filter message = "request" and latencyMs > 30000',
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
      'Events that were not stored': ['fields event', 'filter message = "usage event not stored"', 'limit 1000'],
    };
    for (const [name, lines] of Object.entries(queries)) {
      new QueryDefinition(this, name.replaceAll(' ', ''), {
        queryDefinitionName: `Headgate/${name}`,
        queryString: new QueryString(partsOf(lines)),
        logGroups: [chat.logGroup],
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

function percentiles(name: MetricName, service: string): IMetric[] {
  return ['p50', 'p95', 'p99'].map((statistic) =>
    serviceMetric(name, service, statistic, MINUTES).with({ label: statistic }),
  );
}

function search(name: MetricName, statistic: string): SearchExpression {
  return new SearchExpression({ expression: modelSearch(name, statistic), label: '', period: PERIOD });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: HALF, height: HIGH });
}
