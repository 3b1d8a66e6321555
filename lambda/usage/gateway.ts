import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import { type UsageEventsStore, usageEventsStore } from '../store/usage-events.ts';

/** What the usage routes need beside what every handler does. */
export interface UsageGateway extends Gateway {
  ledger: Pick<UsageEventsStore, 'find'>;
}

/** The usage routes' gateway in these surroundings. */
export function composeUsageGateway(surroundings: Surroundings): UsageGateway {
  const { database, tableName } = surroundings;
  return { ...composeGateway(surroundings), ledger: usageEventsStore(database, tableName('usage')) };
}

/** The gateway of the deployed usage function, from its environment. */
export function deployedUsageGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): UsageGateway {
  return composeUsageGateway(deployedSurroundings(environment, configuration));
}
