import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** Findings we live with, by the ids cdk-nag prints, each with the reason. */
const REASONS = {
  'AwsSolutions::AwsSolutions-APIG2':
    'Bodies are validated in the function, which says which field is wrong and how to mend it; API Gateway would not.',
  'AwsSolutions::AwsSolutions-APIG3': 'A web ACL costs money while idle; the gateway works without one.',
  'AwsSolutions::AwsSolutions-APIG4':
    'Callers hold keys of the gateway, which the function checks itself: one look-up, and revocation within 5 s.',
  'AwsSolutions::AwsSolutions-COG4': 'Callers are programs with keys of the gateway, not people in a user pool.',
  'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
    'API Gateway documents this managed policy as the way to let it write its logs; it is one role an account.',
  'AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
    'CodeDeploy documents this managed policy as the way to let it shift the traffic of aliases.',
  'AwsSolutions::AwsSolutions-IAM5[Resource::*]':
    'Sending X-Ray traces, delivering logs of state machines, and the network interfaces of functions in a VPC have no resources to name (service authorization reference).',
  'AwsSolutions::AwsSolutions-IAM5[Resource::<CheckTasksFunctionA13D9FE8.Arn>:*]':
    'CodeDeploy may invoke the check of a release, in any version: the newest is the one it names.',
  'AwsSolutions::AwsSolutions-IAM5[Resource::<CheckEndpointsFunction196368DA.Arn>:*]':
    'CodeDeploy may invoke the check of a release, in any version: the newest is the one it names.',
  'AwsSolutions::AwsSolutions-SMG4':
    'Only the provider can issue a new key; functions read the secret again within 5 minutes of its change.',
  'Serverless::Serverless-LambdaDLQ':
    'The functions are invoked synchronously and the caller gets the error; the sweep is run again in a minute.',
  'AwsSolutions::AwsSolutions-SQS3': 'The queue is where undelivered events end; an alarm watches it.',
  'Serverless::Serverless-SQSRedrivePolicy': 'The queue is where undelivered events end; an alarm watches it.',
  'Serverless::Serverless-SNSRedrivePolicy':
    'SNS tries an e-mail address again for hours; what it could not deliver is still on the event bus and in the alarms.',
} as const;

/** Checks every synth against the rules of cdk-nag; a finding that has no reason above stops it. */
export function checkRules(app: App, ...accepted: IConstruct[]): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  for (const construct of accepted) {
    for (const [id, reason] of Object.entries(REASONS)) Validations.of(construct).acknowledge({ id, reason });
  }
}
