import { inBedrockRegion } from '../../lambda/core/bedrock-region.ts';
import type { Configuration } from '../../lambda/core/configuration.ts';
import { dynamoClient } from '../../lambda/store/dynamo.ts';
import { deploymentProblems } from '../../lib/deployment-problems.ts';
import { chosenStage } from '../../lib/stage.ts';
import type { StackChoice } from '../deployed-stack.ts';
import { askAws, askByForm, textsIn } from './aws-request.ts';
import { type Check, type Finding, fail, pass, unknown } from './finding.ts';

/** The version that runs the functions. */
const NODE = 24;

/** The version of the bootstrap stack that today's CDK needs (its templates check it). */
const BOOTSTRAP = 6;

/** A new account has 10, at which a handful of chats are refused. */
const FEW_FUNCTIONS_AT_ONCE = 100;

/** What a machine and an account need before a deployment. */
export function checksBefore(choice: StackChoice, configuration: Configuration): Record<string, Check> {
  return {
    'Node.js': nodeVersion,
    stage: async () => stageIsSound(choice, configuration),
    credentials: () => credentials(choice),
    bootstrap,
    'Lambda quota': functionsAtOnce,
    'API Gateway': apiGateway,
    Bedrock: () => bedrock(choice, configuration),
  };
}

async function nodeVersion(): Promise<Finding> {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) >= NODE) return pass(`Node.js ${node}`);
  return fail(`Node.js ${node}: the functions run on ${NODE}`, 'Use npm run doctor: npm ci brings the right one.');
}

function stageIsSound({ stage }: StackChoice, configuration: Configuration): Finding[] {
  const chosen = chosenStage(stage);
  const problems = deploymentProblems(chosen, configuration);
  if (problems.length > 0) return problems.map((problem) => fail(`stage ${chosen.name}`, problem));
  return [pass(`stage ${chosen.name}: its options go together`)];
}

async function credentials({ stage }: StackChoice): Promise<Finding> {
  const { config } = dynamoClient();
  const region = await Promise.resolve(config.region()).catch(() => undefined);
  if (region === undefined)
    return fail('credentials: no AWS region is set', 'Set AWS_REGION, or a profile that has one.');
  if (!(await config.credentials().catch(() => undefined))) {
    return fail('credentials: there are none for AWS', 'Set AWS_PROFILE, or log in: aws sso login, aws configure.');
  }
  const [account = ''] = textsIn(await askByForm('sts', 'GetCallerIdentity', '2011-06-15'), 'Account');
  const { environment, name } = chosenStage(stage);
  const says = `credentials of account ${account}, region ${region}`;
  if (!environment || (environment.account === account && environment.region === region)) return pass(says);
  return fail(says, `Stage ${name} goes to account ${environment.account}, region ${environment.region}: take those.`);
}

async function bootstrap(): Promise<Finding> {
  const todo = 'Run npx cdk bootstrap once for this account and region.';
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' };
  const body = JSON.stringify({ Name: '/cdk-bootstrap/hnb659fds/version' });
  const answer = await askAws({ service: 'ssm', headers, body }).catch((thrown: Error) => {
    if (thrown.message.includes('ParameterNotFound')) return undefined;
    throw thrown;
  });
  if (answer === undefined) return fail('bootstrap: there is none here', todo);
  const version = Number(JSON.parse(answer).Parameter?.Value);
  return version >= BOOTSTRAP ? pass(`bootstrap version ${version}`) : fail(`bootstrap version ${version}`, todo);
}

async function functionsAtOnce(): Promise<Finding> {
  const answer = await askAws({ service: 'lambda', method: 'GET', path: '/2016-08-19/account-settings' });
  const atOnce = Number(JSON.parse(answer).AccountLimit?.ConcurrentExecutions);
  const says = `${atOnce} functions at once in this account and region`;
  if (atOnce >= FEW_FUNCTIONS_AT_ONCE) return pass(says);
  return fail(says, 'Each chat is one. Ask for more in Service Quotas: AWS Lambda, Concurrent executions.');
}

async function apiGateway(): Promise<Finding> {
  await askAws({ service: 'apigateway', method: 'GET', path: '/restapis', query: { limit: '1' } });
  return pass('API Gateway is here; that answers stream through it is seen after the deployment');
}

interface Availability {
  agreementAvailability?: { status?: string };
  authorizationStatus?: string;
  entitlementAvailability?: string;
  regionAvailability?: string;
}

async function bedrock({ stage }: StackChoice, configuration: Configuration): Promise<Finding[]> {
  const { bedrockRegion } = chosenStage(stage).deployment;
  const { models, providers } = inBedrockRegion(configuration, bedrockRegion);
  const used = Object.values(models).filter(({ provider }) => providers[provider]?.awsService === 'bedrock');
  if (used.length === 0) return [unknown('Bedrock: no model of it is configured')];
  return Promise.all(
    used.map(async ({ provider, upstreamName }) => {
      const [, region] = providers[provider]?.baseUrl.match(/bedrock-runtime\.([a-z0-9-]+)\./) ?? [];
      const path = `/foundation-model-availability/${upstreamName}`;
      const answer: Availability = JSON.parse(await askAws({ service: 'bedrock', method: 'GET', path, region }));
      const says = `Bedrock: ${upstreamName} in ${region}`;
      const isOpen =
        answer.authorizationStatus === 'AUTHORIZED' &&
        answer.entitlementAvailability === 'AVAILABLE' &&
        answer.regionAvailability === 'AVAILABLE';
      if (isOpen) return pass(says);
      return fail(
        says,
        'Ask for access in the Bedrock console, choose another bedrockRegion, or take the model out of config/models/.',
      );
    }),
  );
}
