import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import { learnedQualityStore } from '../store/learned-quality.ts';
import { type UsageEventsStore, usageEventsStore } from '../store/usage-events.ts';

/** What feedback needs beside what every handler does. */
export interface FeedbackGateway extends Gateway {
  ledger: Pick<UsageEventsStore, 'find' | 'score'>;
  learnedQuality: Pick<LearnedQuality, 'add'>;
}

/** The feedback's gateway in these surroundings. */
function composeFeedbackGateway(surroundings: Surroundings): FeedbackGateway {
  const { onceDatabase, database, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    ledger: usageEventsStore(database, tableName('usage'), gateway.configuration.retention.usageDays),
    // A score that the client repeats by itself would count twice.
    learnedQuality: learnedQualityStore(onceDatabase, tableName('traffic'), gateway.clock),
  };
}

/** The gateway of the deployed function, from its environment. */
export function deployedFeedbackGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): FeedbackGateway {
  return composeFeedbackGateway(deployedSurroundings(environment, configuration));
}
