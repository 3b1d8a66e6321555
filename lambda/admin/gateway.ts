import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { Accounts, Keys } from '../ports.ts';
import { accountsStore } from '../store/accounts.ts';
import { keysStore } from '../store/keys.ts';
import { learnedQualityStore } from '../store/learned-quality.ts';
import { rateLimitsStore } from '../store/rate-limits.ts';

/** What the admin routes need beside what every handler does. */
export interface AdminGateway extends Gateway {
  accounts: Accounts;
  keys: Keys;
  /** Lifts an account's lock-out and forgets its offences. */
  unlock(account: string): Promise<void>;
  learnedQuality: LearnedQuality;
}

/** The admin routes' gateway in these surroundings. */
export function composeAdminGateway(surroundings: Surroundings): AdminGateway {
  const { configuration, database, onceDatabase, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    accounts: accountsStore(database, tableName('accounts'), gateway.clock),
    keys: keysStore(database, tableName('accounts'), configuration, gateway.clock),
    unlock: rateLimitsStore(onceDatabase, tableName('traffic'), configuration.penalties, gateway.clock).unlock,
    learnedQuality: learnedQualityStore(onceDatabase, tableName('traffic'), gateway.clock),
  };
}

/** The gateway of the deployed admin function, from its environment. */
export function deployedAdminGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): AdminGateway {
  return composeAdminGateway(deployedSurroundings(environment, configuration));
}
