import type { Configuration } from '../core/configuration.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { PersonalItems } from '../personal-items.ts';
import type { Erasures } from '../ports.ts';
import { erasuresStore } from '../store/erasures.ts';
import { personalItemsStore } from '../store/personal-items.ts';
import { responseCacheStore } from '../store/response-cache.ts';
import { eventsBetween } from '../store/usage-events.ts';

/** What the export needs beside what every handler does. */
export interface ExportGateway extends Gateway {
  /** The events of an account that began from a time to before another, in the order of their ids. */
  eventsBetween(account: string, fromMs: number, toMs: number): AsyncGenerator<UsageEvent>;
  erasures: Pick<Erasures, 'of'>;
  responseCache: Pick<ResponseCache, 'page'>;
  personalItems: Pick<PersonalItems, 'of'>;
}

/** The part of the export's gateway that reads what is held. */
export function composeExport({ database, tableName }: Surroundings) {
  return {
    eventsBetween: (account: string, fromMs: number, toMs: number) =>
      eventsBetween(database, tableName('usage'), account, fromMs, toMs),
    personalItems: personalItemsStore(database, tableName),
  };
}

/** The gateway of the deployed export function, from its environment. */
export function deployedExportGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): ExportGateway {
  const surroundings = deployedSurroundings(environment, configuration);
  const { database, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    ...composeExport(surroundings),
    erasures: erasuresStore(database, tableName('usage')),
    responseCache: responseCacheStore(database, tableName('responses'), gateway.clock),
  };
}
