import { CfnOutput, Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FunctionName } from '../lambda/routes.ts';
import type { TableName } from '../lambda/store/tables.ts';
import { emptySecret } from './empty-secret.ts';
import type { GatewayFunction, MakeFunction } from './functions.ts';
import { grantAccountList, grantErasureOrders, grantKeyLookup, READ, WRITE } from './grants.ts';
import type { HotTierCache } from './hot-tier.ts';
import { routingFunctions } from './routing.ts';

export interface EndpointsProps {
  make: MakeFunction;
  tables: Readonly<Record<TableName, TableV2>>;
  /** The environment variables that tell a function where these tables are. */
  variables: (...names: TableName[]) => Record<string, string>;
  fallbackMachine: StateMachine;
  hotTier: HotTierCache | undefined;
  bufferedAnswers: boolean;
  hasBilling: boolean;
  encryptionKeyArn: string | undefined;
}

/** The functions behind the routes that call no provider, each with a role for just what it does. */
export function endpointFunctions(scope: Construct, props: EndpointsProps) {
  const { make, tables, variables, fallbackMachine, hotTier, bufferedAnswers, hasBilling } = props;
  const usage = make('Usage', {
    entry: 'usage/index.ts',
    description: 'GET /v2/usage: sums and requests',
    timeout: Duration.seconds(29),
    environment: variables('accounts', 'usage'),
  });
  grantKeyLookup(tables.accounts, usage.function);
  tables.usage.grant(usage.function, ...READ);
  grantAccountList(tables.accounts, usage.function);
  grantErasureOrders(tables.usage, usage.function);

  const exported = make('Export', {
    entry: bufferedAnswers ? 'export/buffered.ts' : 'export/index.ts',
    description: 'GET /v2/usage/export',
    timeout: Duration.minutes(15),
    environment: variables('accounts', 'usage', 'traffic', 'responses'),
  });
  grantKeyLookup(tables.accounts, exported.function);
  for (const read of [tables.usage, tables.traffic, tables.responses]) read.grant(exported.function, 'dynamodb:Query');

  const cache = make('Cache', {
    entry: 'cache/index.ts',
    description: 'GET and DELETE /v2/cache',
    timeout: Duration.seconds(29),
    environment: { ...variables('accounts', 'responses'), ...hotTier?.environment },
  });
  grantKeyLookup(tables.accounts, cache.function);
  tables.responses.grant(cache.function, ...READ, 'dynamodb:DeleteItem');

  const models = make('Models', {
    entry: 'models/index.ts',
    description: 'GET /v1/models',
    timeout: Duration.seconds(10),
    environment: variables('accounts'),
  });
  grantKeyLookup(tables.accounts, models.function);

  const { routeSuggest, feedback } = routingFunctions(make, tables, variables);

  const health = make('Health', {
    entry: 'health/index.ts',
    description: 'GET /v2/health',
    timeout: Duration.seconds(10),
    environment: {
      ...variables('traffic', 'accounts'),
      ...hotTier?.environment,
      FALLBACK_MACHINE_ARN: fallbackMachine.stateMachineArn,
    },
  });
  for (const user of [cache, health]) hotTier?.grantConnect(user.function);
  hotTier?.grantDescribe(health.function);
  fallbackMachine.grant(health.function, 'states:DescribeStateMachine');
  tables.traffic.grant(health.function, ...READ);
  grantKeyLookup(tables.accounts, health.function);

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

  return {
    usage,
    export: exported,
    cache,
    models,
    routeSuggest,
    feedback,
    health,
    admin,
    ...(hasBilling ? { billing: billingFunction(scope, props) } : {}),
  } satisfies Partial<Record<FunctionName, GatewayFunction>>;
}

function billingFunction(
  scope: Construct,
  { make, tables, variables, encryptionKeyArn }: EndpointsProps,
): GatewayFunction {
  const secret = emptySecret(
    scope,
    'StripeSecret',
    'JSON with the signing secret of the webhook: {"webhook": "whsec_..."}.',
    encryptionKeyArn,
  );
  const billing = make('Billing', {
    entry: 'billing/index.ts',
    description: 'POST /v2/billing/stripe',
    timeout: Duration.seconds(29),
    environment: { ...variables('accounts'), STRIPE_SECRET_ARN: secret.secretArn },
  });
  tables.accounts.grant(billing.function, ...READ, ...WRITE);
  secret.grantRead(billing.function);
  new CfnOutput(scope, 'StripeSecretArn', { value: secret.secretArn, description: 'Put the webhook secret here' });
  return billing;
}
