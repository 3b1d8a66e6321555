import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { deployment } from '../config/deployment.ts';
import { checkRules } from '../lib/checks.ts';
import { DataStack } from '../lib/data-stack.ts';
import { GatewayStack } from '../lib/gateway-stack.ts';
import { loadConfiguration } from '../local/configuration.ts';

/** The CDK app: two stacks, what must survive and what can be rebuilt. A configuration that cannot run stops it. */
const operatorModule = process.env.HEADGATE_CONFIG;
const configuration = await loadConfiguration(operatorModule);

const app = new App({ analyticsReporting: false });
const data = new DataStack(app, 'HeadgateData');
const gateway = new GatewayStack(app, 'Headgate', {
  data,
  deployment: {
    ...deployment,
    bufferedAnswers: deployment.bufferedAnswers || app.node.tryGetContext('bufferedAnswers') === 'true',
    monitoring: deployment.monitoring && app.node.tryGetContext('monitoring') !== 'false',
  },
  configuration,
  operatorModule: operatorModule ? resolve(operatorModule) : undefined,
});
checkRules(app, gateway);
