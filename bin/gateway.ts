import { App } from 'aws-cdk-lib';
import { deployment } from '../config/deployment.ts';
import { configuration } from '../config/index.ts';
import { problemsIn } from '../lambda/core/configuration.ts';
import { checkRules } from '../lib/checks.ts';
import { DataStack } from '../lib/data-stack.ts';
import { GatewayStack } from '../lib/gateway-stack.ts';

/** The CDK app: two stacks, what must survive and what can be rebuilt. */
const problems = problemsIn(configuration);
if (problems.length > 0) throw new Error(`The configuration cannot be deployed:\n- ${problems.join('\n- ')}`);

const app = new App({ analyticsReporting: false });
const bufferedAnswers = deployment.bufferedAnswers || app.node.tryGetContext('bufferedAnswers') === 'true';
const data = new DataStack(app, 'HeadgateData', {});
const gateway = new GatewayStack(app, 'Headgate', { data, deployment: { ...deployment, bufferedAnswers } });
checkRules(app, gateway);
