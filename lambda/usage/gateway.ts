import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { Erasures, UsageSummaries } from '../ports.ts';
import { erasuresStore } from '../store/erasures.ts';
import { type UsageEventsStore, usageEventsStore } from '../store/usage-events.ts';
import { usageSummariesStore } from '../store/usage-summaries.ts';

/** What the usage routes need beside what every handler does. */
export interface UsageGateway extends Gateway {
  ledger: Pick<UsageEventsStore, 'find' | 'list'>;
  usageSummaries: Pick<UsageSummaries, 'read'>;
  erasures: Erasures;
}

/** The usage routes' gateway in these surroundings. */
export function composeUsageGateway(surroundings: Surroundings): UsageGateway {
  const { database, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    ledger: usageEventsStore(database, tableName('usage')),
    erasures: erasuresStore(database, tableName('usage')),
    usageSummaries: usageSummariesStore(database, tableName('usage'), gateway.clock),
  };
}

/** The gateway of the deployed usage function, from its environment. */
export function deployedUsageGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): UsageGateway {
  return composeUsageGateway(deployedSurroundings(environment, configuration));
}
