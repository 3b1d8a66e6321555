import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { ResponseCache } from '../kept-answers.ts';
import { responseCacheStore } from '../store/response-cache.ts';

/** What the cache's route needs beside what every handler does. */
export interface CacheGateway extends Gateway {
  responseCache: Pick<ResponseCache, 'remove'>;
}

/** The gateway of the deployed cache function, from its environment. */
export function deployedCacheGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): CacheGateway {
  return composeCacheGateway(deployedSurroundings(environment, configuration));
}

function composeCacheGateway(surroundings: Surroundings): CacheGateway {
  const gateway = composeGateway(surroundings);
  const { database, tableName } = surroundings;
  return { ...gateway, responseCache: responseCacheStore(database, tableName('responses'), gateway.clock) };
}
