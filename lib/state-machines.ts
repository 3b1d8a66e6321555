import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { GatewayFunction } from './functions.ts';

export interface StateMachinesProps {
  attempt: GatewayFunction;
  webhook: GatewayFunction;
  logRetention: RetentionDays;
}

const FOLDER = join(import.meta.dirname, '../lambda/workflow');

/** The state machines, from the files that the local gateway interprets. Their logs tell states, and no data. */
export class StateMachines extends Construct {
  readonly fallback: StateMachine;
  readonly job: StateMachine;

  constructor(scope: Construct, id: string, { attempt, webhook, logRetention }: StateMachinesProps) {
    super(scope, id);
    const machine = (name: string, file: string, type: StateMachineType, called: GatewayFunction[]) => {
      const logs = new LogGroup(this, `${name}Logs`, {
        // Longer policies for other names run into a limit of CloudWatch (Step Functions guide, "logging").
        logGroupName: `/aws/vendedlogs/states/${scope.node.path}-${name}`,
        retention: logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      const made = new StateMachine(this, name, {
        definitionBody: DefinitionBody.fromString(readFileSync(join(FOLDER, file), 'utf8')),
        definitionSubstitutions: {
          AttemptFunction: attempt.alias.functionArn,
          WebhookFunction: webhook.alias.functionArn,
        },
        stateMachineType: type,
        tracingEnabled: true,
        logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
      });
      for (const { alias } of called) alias.grantInvoke(made);
      return made;
    };
    this.fallback = machine('Fallback', 'fallback.asl.json', StateMachineType.EXPRESS, [attempt]);
    this.job = machine('Job', 'job.asl.json', StateMachineType.STANDARD, [attempt, webhook]);
  }
}
