import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Deployment, deployment } from '../../config/deployment.ts';
import { configuration } from '../../config/index.ts';
import type { SemanticCaching } from '../../lambda/core/semantic/policy.ts';
import { DataStack } from '../../lib/data-stack.ts';
import { GatewayStack } from '../../lib/gateway-stack.ts';

/** The templates of both stacks, without bundling the functions. */
export function synthesise(
  bufferedAnswers: boolean,
  hasBilling = false,
  more: Partial<Deployment> = {},
  semantic: Partial<SemanticCaching> = {},
): { data: Template; gateway: Template } {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });
  const data = new DataStack(app, 'HeadgateData');
  const gateway = new GatewayStack(app, 'Headgate', {
    data,
    deployment: { ...deployment, bufferedAnswers, ...more },
    operatorModule: undefined,
    configuration: {
      ...configuration,
      caching: { ...configuration.caching, semantic: { ...configuration.caching.semantic, ...semantic } },
      billing: { stripe: hasBilling ? { tierByPrice: {} } : undefined },
    },
  });
  return { data: Template.fromStack(data), gateway: Template.fromStack(gateway) };
}
