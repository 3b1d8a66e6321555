import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Configuration } from './core/configuration.ts';
import type { Callers, Clock, Dependency, Observer, ProviderKeys, Upstream, UsageEvents } from './ports.ts';
import { powertoolsObserver } from './powertools-observer.ts';
import { httpUpstream } from './providers/http-upstream.ts';
import { accountsStore } from './store/accounts.ts';
import { rememberCallers } from './store/caller-cache.ts';
import { dynamoClient } from './store/dynamo.ts';
import { providerSecret, secretReader } from './store/provider-secret.ts';
import { type TableName, tableVariable } from './store/tables.ts';
import { usageEventsStore } from './store/usage-events.ts';

/** Everything a handler needs from outside. */
export interface Gateway {
  configuration: Configuration;
  clock: Clock;
  callers: Callers;
  usageEvents: UsageEvents;
  providerKeys: ProviderKeys;
  upstream: Upstream;
  observer: Observer;
  dependencies: readonly Dependency[];
}

/** What differs between the places a gateway runs in. */
export interface Surroundings {
  configuration: Configuration;
  database: DynamoDBDocumentClient;
  tableNames: (table: TableName) => string;
  providerKeys: ProviderKeys;
  observer: Observer;
}

/** A gateway over these surroundings. */
export function composeGateway(surroundings: Surroundings): Gateway {
  const { configuration, database, tableNames, providerKeys, observer } = surroundings;
  const clock = Date.now;
  // Table names are read when a store is first used: a function knows only the tables it was granted.
  const accounts = lazy(() => accountsStore(database, tableNames('accounts'), clock));
  const events = lazy(() => usageEventsStore(database, tableNames('usage')));
  return {
    configuration,
    clock,
    callers: rememberCallers({ find: (keyHash) => accounts().findCaller(keyHash) }, clock),
    usageEvents: { record: (event) => events().record(event) },
    providerKeys,
    upstream: httpUpstream(),
    observer,
    dependencies: [
      {
        name: 'dynamodb',
        async check() {
          await database.send(
            new GetCommand({ TableName: tableNames('traffic'), Key: { pk: 'health', sk: 'health' } }),
          );
        },
      },
    ],
  };
}

/** The gateway of a deployed function, from its environment. */
export function deployedGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): Gateway {
  return composeGateway({
    configuration,
    database: dynamoClient(),
    tableNames: (table) => required(environment, tableVariable(table)),
    providerKeys: providerSecret(() => secretReader(required(environment, 'PROVIDER_SECRET_ARN'))(), Date.now),
    observer: powertoolsObserver(environment.AWS_LAMBDA_FUNCTION_NAME ?? 'headgate'),
  });
}

function required(environment: NodeJS.ProcessEnv, variable: string): string {
  const value = environment[variable];
  if (value === undefined || value === '') throw new Error(`The environment variable ${variable} is missing.`);
  return value;
}

function lazy<Value>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= make();
    return value;
  };
}
