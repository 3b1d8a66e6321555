import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Deployment } from '../config/deployment.ts';
import { type TableName, tableVariable } from '../lambda/store/tables.ts';
import { restApi } from './api.ts';
import type { DataStack } from './data-stack.ts';
import { GatewayFunction } from './functions.ts';
import { Sweep } from './sweep.ts';
import { table } from './table.ts';

export interface GatewayStackProps {
  data: DataStack;
  deployment: Deployment;
  /** The file of the operator's own configuration, bundled into the functions. */
  operatorModule: string | undefined;
}

/** Everything that can be rebuilt: the API, its functions, the short-lived tables, the secret of provider keys. */
export class GatewayStack extends Stack {
  constructor(scope: Construct, id: string, { data, deployment, operatorModule }: GatewayStackProps) {
    super(scope, id);
    const logRetention: RetentionDays = deployment.logRetentionDays;
    const tables: Record<TableName, TableV2> = {
      accounts: data.accounts,
      usage: data.usage,
      traffic: table(this, 'traffic', RemovalPolicy.DESTROY),
      responses: table(this, 'responses', RemovalPolicy.DESTROY),
    };
    const variables = (...names: TableName[]) =>
      Object.fromEntries(names.map((name) => [tableVariable(name), tables[name].tableName]));
    const providerKeys = new Secret(this, 'ProviderKeys', {
      description: 'JSON of provider ids to keys, such as {"openai": "sk-..."}. Filled after the first deployment.',
    });
    // No value in the template: no later deployment can put it in the place of the real keys.
    (providerKeys.node.defaultChild as CfnSecret).addPropertyDeletionOverride('GenerateSecretString');

    const chat = new GatewayFunction(this, 'Chat', {
      entry: deployment.bufferedAnswers ? 'chat/buffered.ts' : 'chat/index.ts',
      description: 'POST /v1/chat/completions and /v2/chat',
      memorySize: deployment.chatMemoryMegabytes,
      timeout: Duration.minutes(15),
      logRetention,
      operatorModule,
      environment: { ...variables('accounts', 'usage', 'traffic'), PROVIDER_SECRET_ARN: providerKeys.secretArn },
    });
    tables.accounts.grant(chat.function, 'dynamodb:GetItem');
    tables.usage.grant(chat.function, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    tables.traffic.grant(chat.function, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    providerKeys.grantRead(chat.function);

    const models = new GatewayFunction(this, 'Models', {
      entry: 'models/index.ts',
      description: 'GET /v1/models',
      memorySize: 256,
      timeout: Duration.seconds(10),
      logRetention,
      operatorModule,
      environment: variables('accounts'),
    });
    tables.accounts.grant(models.function, 'dynamodb:GetItem');

    const health = new GatewayFunction(this, 'Health', {
      entry: 'health/index.ts',
      description: 'GET /v2/health',
      memorySize: 256,
      timeout: Duration.seconds(10),
      logRetention,
      operatorModule,
      environment: variables('traffic'),
    });
    tables.traffic.grant(health.function, 'dynamodb:GetItem');

    const admin = new GatewayFunction(this, 'Admin', {
      entry: 'admin/index.ts',
      description: '/v2/admin: accounts, keys, audit',
      memorySize: 256,
      timeout: Duration.seconds(29),
      logRetention,
      operatorModule,
      environment: variables('accounts', 'traffic'),
    });
    tables.accounts.grant(
      admin.function,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    );
    tables.traffic.grant(admin.function, 'dynamodb:UpdateItem');

    new Sweep(this, 'Sweep', {
      accounts: tables.accounts,
      usage: tables.usage,
      alertEmail: deployment.alertEmail,
      logRetention,
      operatorModule,
      environment: variables('accounts', 'usage'),
    });

    const api = restApi(this, {
      functions: { chat: chat.alias, models: models.alias, health: health.alias, admin: admin.alias },
      bufferedAnswers: deployment.bufferedAnswers,
      throttle: deployment.throttle,
      logRetention,
    });
    new CfnOutput(this, 'Url', { value: api.url, description: 'Base URL; add v1 for OpenAI clients' });
    new CfnOutput(this, 'AccountsTable', { value: tables.accounts.tableName, description: 'For npm run keys' });
    new CfnOutput(this, 'ProviderSecret', { value: providerKeys.secretArn, description: 'Put provider keys here' });
  }
}
