import { Aws, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { GatewayFunction, type SharedFunctionProps } from './functions.ts';
import type { HotTierCache } from './hot-tier.ts';

export interface SweepProps extends SharedFunctionProps {
  environment: Record<string, string>;
  accounts: TableV2;
  usage: TableV2;
  traffic: TableV2;
  responses: TableV2;
  hotTier: HotTierCache | undefined;
  alertEmail: string | undefined;
}

/** Every minute: alerts are delivered, orders to erase carried out; sums are made, and what died processes left is settled. */
export class Sweep extends Construct {
  /** Where alerts go. */
  readonly topic: Topic;
  /** Events that could not be delivered: budget alerts, and sweeps. */
  readonly undelivered: Queue;
  readonly function: GatewayFunction;

  constructor(scope: Construct, id: string, props: SweepProps) {
    super(scope, id);
    const { accounts, usage, traffic, responses, hotTier, alertEmail, environment, ...rest } = props;
    const { stackName } = Stack.of(this);
    const topic = new Topic(this, 'Alerts', { displayName: 'Headgate alerts', enforceSSL: true });
    // A topic with a policy of its own no longer lets CloudWatch publish, which has no role to allow it.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    this.topic = topic;
    if (alertEmail !== undefined) topic.addSubscription(new EmailSubscription(alertEmail));
    const undelivered = new Queue(this, 'Undelivered', { retentionPeriod: Duration.days(14), enforceSSL: true });
    this.undelivered = undelivered;
    const sweep = new GatewayFunction(this, 'Sweep', {
      ...rest,
      entry: 'sweep/index.ts',
      description: 'Delivers budget alerts, settles abandoned reservations',
      timeout: Duration.minutes(10),
      environment: { ...environment, ...hotTier?.environment, DEPLOYMENT: stackName },
    });
    this.function = sweep;
    accounts.grant(sweep.function, 'dynamodb:GetItem', 'dynamodb:Query');
    usage.grant(
      sweep.function,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    );
    for (const erased of [traffic, responses]) erased.grant(sweep.function, 'dynamodb:Query', 'dynamodb:DeleteItem');
    hotTier?.grantConnect(sweep.function);
    EventBus.fromEventBusName(this, 'DefaultBus', 'default').grantPutEventsTo(sweep.function);
    new Rule(this, 'AlertsToTopic', {
      // The bus is the account's: another stage may be telling it alerts of its own.
      eventPattern: { source: ['headgate'], detailType: ['Budget alert'], detail: { deployment: [stackName] } },
      targets: [
        new SnsTopic(topic, { message: RuleTargetInput.fromEventPath('$.detail.text'), deadLetterQueue: undelivered }),
      ],
    });
    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(sweep.alias, { retryAttempts: 0, deadLetterQueue: undelivered })],
    });
    const output = new CfnOutput(this, 'AlertTopic', {
      value: topic.topicArn,
      description: 'Budget alerts; subscribe to it',
    });
    output.overrideLogicalId('AlertTopic');
  }
}
