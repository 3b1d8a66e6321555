import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarm,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { releases } from '../config/releases.ts';
import type { GatewayFunction, MakeFunction } from './functions.ts';
import { serviceMetric, sumOf } from './service-metrics.ts';

export interface ReleasesProps {
  kind: 'canary' | 'linear';
  make: MakeFunction;
  /** What state machines and other functions call, by the names that release checks have for them. */
  tasks: Readonly<Record<string, GatewayFunction | undefined>>;
  /** What routes lead to. It calls tasks, so a check of tasks must not wait for it. */
  endpoints: Readonly<Record<string, GatewayFunction>>;
  /** The functions that tell metrics of requests. */
  callers: readonly GatewayFunction[];
}

const SHIFTS = {
  canary: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  linear: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
};

const MINUTE = 1;

function thoseThatAre(functions: ReleasesProps['tasks']): Record<string, GatewayFunction> {
  return Object.fromEntries(
    Object.entries(functions).filter((entry): entry is [string, GatewayFunction] => entry[1] !== undefined),
  );
}

/** CloudWatch takes so many metrics in an alarm's expression. */
const MOST_METRICS = 10;

/**
 * New versions get their traffic by and by, through CodeDeploy: first a check of the version itself, then a tenth, then all. An
 * alarm meanwhile takes it all back. The functions go in two waves, tasks before what calls them.
 */
export class Releases extends Construct {
  private readonly application: LambdaApplication;
  private readonly role: Role;

  constructor(scope: Construct, id: string, { kind, make, tasks, endpoints, callers }: ReleasesProps) {
    super(scope, id);
    this.application = new LambdaApplication(this, 'Application');
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    const failing = this.onFailures(callers.map(({ serviceName }) => serviceName));
    this.wave('Tasks', thoseThatAre(tasks), kind, make, failing);
    this.wave('Endpoints', endpoints, kind, make, failing);
  }

  /** Functions that are released together: a hook that checks their new versions, and a deployment group for each. */
  private wave(
    name: string,
    functions: Readonly<Record<string, GatewayFunction>>,
    kind: ReleasesProps['kind'],
    make: MakeFunction,
    failing: IAlarm,
  ): void {
    const versions = Object.entries(functions).map(([checked, one]) => ({
      name: checked,
      arn: one.function.currentVersion.functionArn,
    }));
    const hook = make(`Check${name}`, {
      entry: 'release-check/index.ts',
      description: 'Checks new versions before they get traffic',
      timeout: Duration.minutes(2),
      environment: { NEW_VERSIONS: Stack.of(this).toJsonString(versions) },
    });
    const alarms = [failing, ...this.onErrors(name, Object.values(functions))];
    for (const [checked, { alias, function: one }] of Object.entries(functions)) {
      one.currentVersion.grantInvoke(hook.function);
      const group = new LambdaDeploymentGroup(this, `${checked.charAt(0).toUpperCase()}${checked.slice(1)}`, {
        application: this.application,
        role: this.role,
        alias,
        deploymentConfig: SHIFTS[kind],
        preHook: hook.function,
        alarms,
      });
      group.grantPutLifecycleEventHookExecutionStatus(hook.function);
    }
  }

  private onFailures(services: readonly string[]): IAlarm {
    const told = (metric: 'Requests' | 'Failed' | 'Interrupted') =>
      sumOf(
        services.map((service) => serviceMetric(metric, service, 'Sum', MINUTE)),
        metric,
        MINUTE,
        metric.toLowerCase(),
      );
    const metric = new MathExpression({
      expression: `IF(r >= ${releases.leastRequests}, 100 * (f + i) / r, 0)`,
      usingMetrics: { r: told('Requests'), f: told('Failed'), i: told('Interrupted') },
      label: 'Failed of a minute, %',
      period: Duration.minutes(MINUTE),
    });
    return this.alarm('RequestsFail', metric, releases.failedPercent);
  }

  private onErrors(name: string, functions: readonly GatewayFunction[]): IAlarm[] {
    const errors: IMetric[] = functions.map(({ alias }) =>
      alias.metricErrors({ period: Duration.minutes(MINUTE), statistic: 'Sum' }),
    );
    const alarms: IAlarm[] = [];
    for (let from = 0; from < errors.length; from += MOST_METRICS) {
      const some = sumOf(errors.slice(from, from + MOST_METRICS), `Errors of ${name}`, MINUTE);
      alarms.push(this.alarm(`${name}Fail${from === 0 ? '' : from / MOST_METRICS + 1}`, some, 0));
    }
    return alarms;
  }

  /** It only takes a release back, and tells nobody: `config/alarms.ts` has those that do. */
  private alarm(id: string, metric: IMetric, threshold: number): IAlarm {
    return new Alarm(this, id, {
      alarmDescription: 'Takes a release back. docs/deploy.md#releases',
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
