import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { CallLeases } from './coalescing/call-leases.ts';
import { inBedrockRegion } from './core/bedrock-region.ts';
import type { Configuration } from './core/configuration.ts';
import type { Embedder } from './embedding/embedder.ts';
import type { HotTier } from './hot-tier/hot-tier.ts';
import type { Callers, Clock, Dependency, Observer } from './ports.ts';
import { powertoolsObserver } from './powertools-observer.ts';
import type { AwsIdentity } from './providers/sign-for-aws.ts';
import { rememberCallers } from './store/caller-cache.ts';
import { dynamoClient } from './store/dynamo.ts';
import { keysStore } from './store/keys.ts';
import { type TableName, tableVariable } from './store/tables.ts';

/** What every handler needs from outside. What only some need is in a gateway of theirs, so that no other function carries it. */
export interface Gateway {
  configuration: Configuration;
  clock: Clock;
  callers: Callers;
  observer: Observer;
  dependencies: readonly Dependency[];
}

/** What differs between the places a gateway runs in. */
export interface Surroundings {
  configuration: Configuration;
  database: DynamoDBDocumentClient;
  /** The same database by a client that never repeats a call, for writes that must not be made twice. */
  onceDatabase: DynamoDBDocumentClient;
  /** Throws for a table that this function was not given. */
  tableName: (table: TableName) => string;
  observer: Observer;
  /** Who signs calls to AWS's own models. */
  aws: AwsIdentity;
  /** The sentence encoder of the semantic cache, in a process of its own; undefined where nobody asks for one. */
  sentenceEncoder?: Embedder | undefined;
  /** In place of leases in the database, where no other process could see them. */
  callLeases?: CallLeases | undefined;
  /** Aborted when the process is about to end, where the platform says so. */
  stopping?: AbortSignal | undefined;
  /** A fast store beside the database, where there is one. */
  hotTier?: HotTier | undefined;
}

/** The surroundings of a deployed function, from its environment. */
export function deployedSurroundings(environment: NodeJS.ProcessEnv, configuration: Configuration): Surroundings {
  const database = dynamoClient();
  return {
    configuration: inBedrockRegion(configuration, environment.BEDROCK_REGION),
    database,
    aws: database.config,
    onceDatabase: dynamoClient({ maxAttempts: 1 }),
    tableName: (table) => required(environment, tableVariable(table)),
    observer: powertoolsObserver(environment.POWERTOOLS_SERVICE_NAME ?? 'headgate', environment),
  };
}

/** A gateway in these surroundings. */
export function composeGateway({ configuration, database, tableName, observer }: Surroundings): Gateway {
  const clock = Date.now;
  const callers = {
    find: (keyHash: string) => keysStore(database, tableName('accounts'), configuration, clock).findCaller(keyHash),
  };
  const dynamodb = {
    name: 'dynamodb',
    isEssential: true,
    async check() {
      await database.send(new GetCommand({ TableName: tableName('traffic'), Key: { pk: 'health', sk: 'health' } }));
    },
  };
  return { configuration, clock, callers: rememberCallers(callers, clock), observer, dependencies: [dynamodb] };
}

/** A variable that the deployment sets. */
export function required(environment: NodeJS.ProcessEnv, variable: string): string {
  const value = environment[variable];
  if (value === undefined || value === '') throw new Error(`The environment variable ${variable} is missing.`);
  return value;
}
