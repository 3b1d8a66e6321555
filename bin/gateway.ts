import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { inBedrockRegion } from '../lambda/core/bedrock-region.ts';
import { checkRules } from '../lib/checks.ts';
import { DataStack } from '../lib/data-stack.ts';
import { refuseDeploymentProblems } from '../lib/deployment-problems.ts';
import { GatewayStack } from '../lib/gateway-stack.ts';
import { chosenStage, dataStackName } from '../lib/stage.ts';
import { loadConfiguration } from '../local/configuration.ts';

/**
 * The CDK app: the two stacks of one stage, what must survive and what can be rebuilt. A configuration or a stage that
 * cannot run stops it. `-c bufferedAnswers=true` and `-c monitoring=false` are for the emulator of the deploy test.
 */
const operatorModule = process.env.HEADGATE_CONFIG;
const app = new App({ analyticsReporting: false });
const stage = chosenStage(app.node.tryGetContext('stage'));
const deployment = {
  ...stage.deployment,
  bufferedAnswers: stage.deployment.bufferedAnswers || app.node.tryGetContext('bufferedAnswers') === 'true',
  monitoring: stage.deployment.monitoring && app.node.tryGetContext('monitoring') !== 'false',
};
const loaded = await loadConfiguration(operatorModule);
refuseDeploymentProblems({ ...stage, deployment }, loaded);

const environment = stage.environment ? { env: stage.environment } : {};
const data = new DataStack(app, dataStackName(stage.stackName), { ...environment, deployment });
const gateway = new GatewayStack(app, stage.stackName, {
  ...environment,
  data,
  deployment,
  configuration: inBedrockRegion(loaded, deployment.bedrockRegion),
  operatorModule: operatorModule ? resolve(operatorModule) : undefined,
});
checkRules(app, gateway);
