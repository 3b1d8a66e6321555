import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { alarms } from '../config/alarms.ts';
import type { Deployment } from '../config/deployment.ts';
import type { Configuration } from '../lambda/core/configuration.ts';
import { type TableName, tableVariable } from '../lambda/store/tables.ts';
import { Alarms } from './alarms.ts';
import { restApi } from './api.ts';
import { bedrockStatements } from './bedrock.ts';
import { Dashboards } from './dashboards.ts';
import type { DataStack } from './data-stack.ts';
import { GatewayFunction, type MakeFunction } from './functions.ts';
import { READ, WRITE } from './grants.ts';
import { HotTierCache } from './hot-tier.ts';
import { PROMPT_MODEL, routingFunctions } from './routing.ts';
import { StateMachines } from './state-machines.ts';
import { Sweep } from './sweep.ts';
import { table } from './table.ts';

export interface GatewayStackProps {
  data: DataStack;
  deployment: Deployment;
  /** The file of the operator's own configuration, bundled into the functions. */
  operatorModule: string | undefined;
  configuration: Configuration;
}

/** Everything that can be rebuilt: the API, its functions, the short-lived tables, the secret of provider keys. */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    super(scope, id);
    const { data, deployment, operatorModule, configuration } = props;
    const logRetention: RetentionDays = deployment.logRetentionDays;
    const tables: Record<TableName, TableV2> = {
      accounts: data.accounts,
      usage: data.usage,
      traffic: table(this, 'traffic', RemovalPolicy.DESTROY),
      responses: table(this, 'responses', RemovalPolicy.DESTROY),
    };
    const variables = (...names: TableName[]) =>
      Object.fromEntries(names.map((name) => [tableVariable(name), tables[name].tableName]));
    const providerKeys = emptySecret(
      this,
      'ProviderKeys',
      'JSON of provider ids to keys, such as {"openai": "sk-..."}.',
    );

    const make: MakeFunction = (name, props) =>
      new GatewayFunction(this, name, { ...props, logRetention, operatorModule });

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
    tables.accounts.grant(webhook.function, 'dynamodb:GetItem');
    tables.usage.grant(webhook.function, 'dynamodb:GetItem', 'dynamodb:Query');
    const machines = new StateMachines(this, 'Machines', { attempt, webhook, logRetention });

    const chat = make('Chat', {
      entry: deployment.bufferedAnswers ? 'chat/buffered.ts' : 'chat/index.ts',
      description: 'POST /v1/chat/completions and /v2/chat',
      memorySize: deployment.chatMemoryMegabytes,
      timeout: Duration.minutes(15),
      environment: {
        ...calling,
        ...variables('responses'),
        ...hotTier?.environment,
        FALLBACK_MACHINE_ARN: machines.fallback.stateMachineArn,
      },
      dataFile: PROMPT_MODEL,
    });
    for (const caller of [chat, attempt]) {
      tables.usage.grant(caller.function, ...READ, ...WRITE);
      tables.traffic.grant(caller.function, ...READ, ...WRITE);
      providerKeys.grantRead(caller.function);
      for (const statement of bedrockStatements(configuration)) caller.function.addToRolePolicy(statement);
    }
    tables.accounts.grant(chat.function, 'dynamodb:GetItem');
    tables.accounts.grant(attempt.function, 'dynamodb:Query');
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
    tables.accounts.grant(jobs.function, 'dynamodb:GetItem');
    tables.usage.grant(jobs.function, ...READ, 'dynamodb:PutItem');
    tables.traffic.grant(jobs.function, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    tables.responses.grant(jobs.function, ...READ, ...WRITE, 'dynamodb:DeleteItem');
    machines.job.grantStartExecution(jobs.function);

    const usage = make('Usage', {
      entry: 'usage/index.ts',
      description: 'GET /v2/usage: sums and requests',
      timeout: Duration.seconds(29),
      environment: variables('accounts', 'usage'),
    });
    tables.accounts.grant(usage.function, 'dynamodb:GetItem');
    tables.usage.grant(usage.function, ...READ);
    usage.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:PutItem'],
        resources: [tables.usage.tableArn],
        // It writes orders to erase, and nothing else.
        conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['erasures', 'erasures#*'] } },
      }),
    );

    const exported = make('Export', {
      entry: deployment.bufferedAnswers ? 'export/buffered.ts' : 'export/index.ts',
      description: 'GET /v2/usage/export',
      timeout: Duration.minutes(15),
      environment: variables('accounts', 'usage', 'responses'),
    });
    tables.accounts.grant(exported.function, 'dynamodb:GetItem');
    for (const read of [tables.usage, tables.responses]) read.grant(exported.function, 'dynamodb:Query');

    const cache = make('Cache', {
      entry: 'cache/index.ts',
      description: 'DELETE /v2/cache',
      timeout: Duration.seconds(29),
      environment: { ...variables('accounts', 'responses'), ...hotTier?.environment },
    });
    tables.accounts.grant(cache.function, 'dynamodb:GetItem');
    tables.responses.grant(cache.function, 'dynamodb:Query', 'dynamodb:DeleteItem');

    const models = make('Models', {
      entry: 'models/index.ts',
      description: 'GET /v1/models',
      timeout: Duration.seconds(10),
      environment: variables('accounts'),
    });
    tables.accounts.grant(models.function, 'dynamodb:GetItem');

    const { routeSuggest, feedback } = routingFunctions(make, tables, variables);

    const health = make('Health', {
      entry: 'health/index.ts',
      description: 'GET /v2/health',
      timeout: Duration.seconds(10),
      environment: {
        ...variables('traffic', 'accounts'),
        ...hotTier?.environment,
        FALLBACK_MACHINE_ARN: machines.fallback.stateMachineArn,
      },
    });
    for (const user of [chat, cache, health]) hotTier?.grantConnect(user.function);
    hotTier?.grantDescribe(health.function);
    machines.fallback.grant(health.function, 'states:DescribeStateMachine');
    tables.traffic.grant(health.function, ...READ);
    tables.accounts.grant(health.function, 'dynamodb:GetItem');

    const admin = make('Admin', {
      entry: 'admin/index.ts',
      description: '/v2/admin: accounts, keys, audit',
      timeout: Duration.seconds(29),
      environment: variables('accounts', 'traffic'),
    });
    tables.accounts.grant(
      admin.function,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    );
    tables.traffic.grant(admin.function, 'dynamodb:GetItem', ...WRITE);

    const billing = configuration.billing.stripe
      ? this.billing(make, tables.accounts, variables('accounts'))
      : undefined;

    const sweep = new Sweep(this, 'Sweep', {
      accounts: tables.accounts,
      usage: tables.usage,
      responses: tables.responses,
      hotTier,
      alertEmail: deployment.alertEmail,
      logRetention,
      operatorModule,
      environment: variables('accounts', 'usage'),
    });

    const api = restApi(this, {
      functions: {
        chat: chat.alias,
        jobs: jobs.alias,
        usage: usage.alias,
        export: exported.alias,
        cache: cache.alias,
        models: models.alias,
        routeSuggest: routeSuggest.alias,
        feedback: feedback.alias,
        health: health.alias,
        admin: admin.alias,
        ...(billing ? { billing: billing.alias } : {}),
      },
      bufferedAnswers: deployment.bufferedAnswers,
      throttle: deployment.throttle,
      logRetention,
    });
    if (deployment.monitoring) {
      const functions = [
        chat,
        attempt,
        webhook,
        jobs,
        usage,
        exported,
        cache,
        models,
        routeSuggest,
        feedback,
        health,
        admin,
        sweep.function,
      ];
      const watched = { functions, tables: Object.values(tables), machines: [machines.fallback, machines.job] };
      const callers = [chat, attempt, jobs];
      new Alarms(this, 'Alarms', { configuration: alarms, topic: sweep.topic, callers, ...watched });
      new Dashboards(this, 'Dashboards', { chat, api, ...watched });
    }
    new CfnOutput(this, 'Url', { value: api.url, description: 'Base URL; add v1 for OpenAI clients' });
    new CfnOutput(this, 'AccountsTable', { value: tables.accounts.tableName, description: 'For npm run keys' });
    new CfnOutput(this, 'ProviderSecret', { value: providerKeys.secretArn, description: 'Put provider keys here' });
  }

  private billing(make: MakeFunction, accounts: TableV2, environment: Record<string, string>): GatewayFunction {
    const secret = emptySecret(
      this,
      'StripeSecret',
      'JSON with the signing secret of the webhook: {"webhook": "whsec_..."}.',
    );
    const billing = make('Billing', {
      entry: 'billing/index.ts',
      description: 'POST /v2/billing/stripe',
      timeout: Duration.seconds(29),
      environment: { ...environment, STRIPE_SECRET_ARN: secret.secretArn },
    });
    accounts.grant(billing.function, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    secret.grantRead(billing.function);
    new CfnOutput(this, 'StripeSecretArn', { value: secret.secretArn, description: 'Put the webhook secret here' });
    return billing;
  }
}

/** A secret without a value in the template: it is filled by hand, and no later deployment can replace that. */
function emptySecret(scope: Construct, id: string, description: string): Secret {
  const secret = new Secret(scope, id, { description });
  (secret.node.defaultChild as CfnSecret).addPropertyDeletionOverride('GenerateSecretString');
  return secret;
}
