import { App, type StackProps } from 'aws-cdk-lib';
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
  place: Pick<StackProps, 'env'> = {},
): { data: Template; gateway: Template } {
  const { data, gateway } = stacksOf(bufferedAnswers, hasBilling, more, semantic, place);
  return { data: Template.fromStack(data), gateway: Template.fromStack(gateway) };
}

/** The same stacks in an app that is not synthesised yet. */
export function stacksOf(
  bufferedAnswers: boolean,
  hasBilling: boolean,
  more: Partial<Deployment>,
  semantic: Partial<SemanticCaching>,
  place: Pick<StackProps, 'env'>,
) {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });
  const chosen = { ...deployment, bufferedAnswers, ...more };
  const data = new DataStack(app, 'HeadgateData', { ...place, deployment: chosen });
  const gateway = new GatewayStack(app, 'Headgate', {
    ...place,
    data,
    deployment: chosen,
    operatorModule: undefined,
    configuration: {
      ...configuration,
      caching: { ...configuration.caching, semantic: { ...configuration.caching.semantic, ...semantic } },
      billing: { stripe: hasBilling ? { tierByPrice: {} } : undefined },
    },
  });
  return { app, data, gateway };
}
