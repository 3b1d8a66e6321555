import type { Configuration } from '../core/configuration.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import { composeGateway, deployedSurroundings, type Gateway } from '../gateway.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { Erasures } from '../ports.ts';
import { erasuresStore } from '../store/erasures.ts';
import { responseCacheStore } from '../store/response-cache.ts';
import { eventsBetween } from '../store/usage-events.ts';

/** What the export needs beside what every handler does. */
export interface ExportGateway extends Gateway {
  /** The events of an account that began from a time to before another, in the order of their ids. */
  eventsBetween(account: string, fromMs: number, toMs: number): AsyncGenerator<UsageEvent>;
  erasures: Pick<Erasures, 'of'>;
  responseCache: Pick<ResponseCache, 'list'>;
}

/** The gateway of the deployed export function, from its environment. */
export function deployedExportGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): ExportGateway {
  const surroundings = deployedSurroundings(environment, configuration);
  const { database, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    eventsBetween: (account, fromMs, toMs) => eventsBetween(database, tableName('usage'), account, fromMs, toMs),
    erasures: erasuresStore(database, tableName('usage')),
    responseCache: responseCacheStore(database, tableName('responses'), gateway.clock),
  };
}
