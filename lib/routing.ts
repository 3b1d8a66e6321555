import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { TableName } from '../lambda/store/tables.ts';
import type { GatewayFunction, MakeFunction } from './functions.ts';
import { grantBudgetRead, grantKeyLookup, grantScoring, READ, WRITE } from './grants.ts';

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
  grantKeyLookup(tables.accounts, routeSuggest.function);
  tables.traffic.grant(routeSuggest.function, ...READ);
  grantBudgetRead(tables.usage, routeSuggest.function);

  const feedback = make('Feedback', {
    entry: 'feedback/index.ts',
    description: 'POST /v2/feedback',
    timeout: Duration.seconds(10),
    environment: variables('accounts', 'usage', 'traffic'),
  });
  grantKeyLookup(tables.accounts, feedback.function);
  tables.usage.grant(feedback.function, 'dynamodb:GetItem');
  grantScoring(tables.usage, feedback.function);
  tables.traffic.grant(feedback.function, ...WRITE);
  return { routeSuggest, feedback };
}
