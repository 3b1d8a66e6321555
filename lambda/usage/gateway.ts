import type { Configuration } from '../core/configuration.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { Accounts, Erasures } from '../ports.ts';
import { accountsStore } from '../store/accounts.ts';
import { erasuresStore } from '../store/erasures.ts';
import { eventsBetween, type UsageEventsStore, usageEventsStore } from '../store/usage-events.ts';
import { usageSummariesStore } from '../store/usage-summaries.ts';
import type { UsageSummaries } from '../usage-sums.ts';

/** What the usage routes need beside what every handler does. */
export interface UsageGateway extends Gateway {
  ledger: Pick<UsageEventsStore, 'find' | 'list'>;
  usageSummaries: Pick<UsageSummaries, 'read' | 'readWhere'>;
  erasures: Erasures;
  /** The events of an account that began from a time to before another, in the order of their ids. */
  eventsBetween(account: string, fromMs: number, toMs: number): AsyncGenerator<UsageEvent>;
  accounts: Pick<Accounts, 'list'>;
}

/** The usage routes' gateway in these surroundings. */
export function composeUsageGateway(surroundings: Surroundings): UsageGateway {
  const { database, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  const { usageDays } = gateway.configuration.retention;
  return {
    ...gateway,
    ledger: usageEventsStore(database, tableName('usage'), usageDays),
    erasures: erasuresStore(database, tableName('usage')),
    eventsBetween: (account, fromMs, toMs) => eventsBetween(database, tableName('usage'), account, fromMs, toMs),
    accounts: accountsStore(database, tableName('accounts'), gateway.clock),
    usageSummaries: usageSummariesStore(database, tableName('usage'), usageDays, gateway.clock),
  };
}

/** The gateway of the deployed usage function, from its environment. */
export function deployedUsageGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): UsageGateway {
  return composeUsageGateway(deployedSurroundings(environment, configuration));
}
