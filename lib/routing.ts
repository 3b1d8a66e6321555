import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { TableName } from '../lambda/store/tables.ts';
import type { GatewayFunction, MakeFunction } from './functions.ts';
import { READ, WRITE } from './grants.ts';

/** What was learned of prompts, for functions that choose models. */
export const PROMPT_MODEL = 'routing/prompt-model.bin';

/** The functions about the choice of models that make no call themselves. */
export function routingFunctions(
  make: MakeFunction,
  tables: Readonly<Record<TableName, TableV2>>,
  variables: (...names: TableName[]) => Record<string, string>,
): { routeSuggest: GatewayFunction; feedback: GatewayFunction } {
  const routeSuggest = make('RouteSuggest', {
    entry: 'route-suggest/index.ts',
    description: 'POST /v2/route-suggest',
    timeout: Duration.seconds(10),
    environment: variables('accounts', 'traffic', 'usage'),
    dataFile: PROMPT_MODEL,
  });
  tables.accounts.grant(routeSuggest.function, 'dynamodb:GetItem');
  tables.traffic.grant(routeSuggest.function, ...READ);
  routeSuggest.function.addToRolePolicy(
    new PolicyStatement({
      actions: ['dynamodb:Query'],
      resources: [tables.usage.tableArn],
      // It looks what is left of a budget.
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['budget#*'] } },
    }),
  );

  const feedback = make('Feedback', {
    entry: 'feedback/index.ts',
    description: 'POST /v2/feedback',
    timeout: Duration.seconds(10),
    environment: variables('accounts', 'usage', 'traffic'),
  });
  tables.accounts.grant(feedback.function, 'dynamodb:GetItem');
  tables.usage.grant(feedback.function, 'dynamodb:GetItem');
  feedback.function.addToRolePolicy(
    new PolicyStatement({
      actions: WRITE,
      resources: [tables.usage.tableArn],
      // It writes a score on its event, and a note that the event's hour is to be summed up anew.
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['events#*', 'late-events#*'] } },
    }),
  );
  tables.traffic.grant(feedback.function, ...WRITE);
  return { routeSuggest, feedback };
}
