import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import { deployedHotTier } from '../hot-tier/deployed-hot-tier.ts';
import { hotResponseCache } from '../hot-tier/hot-response-cache.ts';
import type { ResponseCache } from '../kept-answers.ts';
import { responseCacheStore } from '../store/response-cache.ts';

/** What the cache's route needs beside what every handler does. */
export interface CacheGateway extends Gateway {
  responseCache: Pick<ResponseCache, 'inspect' | 'page' | 'list' | 'remove'>;
}

/** The gateway of the deployed cache function, from its environment. */
export function deployedCacheGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): CacheGateway {
  const surroundings = deployedSurroundings(environment, configuration);
  return composeCacheGateway({ ...surroundings, hotTier: deployedHotTier(environment, surroundings.aws) });
}

function composeCacheGateway(surroundings: Surroundings): CacheGateway {
  const gateway = composeGateway(surroundings);
  const { database, tableName, hotTier } = surroundings;
  const cache = responseCacheStore(database, tableName('responses'), gateway.clock);
  return { ...gateway, responseCache: hotTier ? hotResponseCache(cache, hotTier, gateway.clock) : cache };
}
