import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, required, type Surroundings } from '../gateway.ts';
import type {
  Alerts,
  Budgets,
  Circuits,
  Conversations,
  GlobalCeiling,
  ModelStatistics,
  ProviderKeys,
  RateLimits,
  Upstream,
  UsageEvents,
} from '../ports.ts';
import type { SignForAws } from '../providers/authorize.ts';
import { httpUpstream } from '../providers/http-upstream.ts';
import { signForAws } from '../providers/sign-for-aws.ts';
import { alertsStore } from '../store/alerts.ts';
import { budgetsStore } from '../store/budgets.ts';
import { circuitsStore } from '../store/circuits.ts';
import { conversationsStore } from '../store/conversations.ts';
import { globalCeilingStore, NO_CEILING } from '../store/global-ceiling.ts';
import { modelStatisticsStore } from '../store/model-statistics.ts';
import { providerSecret, secretReader } from '../store/provider-secret.ts';
import { rateLimitsStore } from '../store/rate-limits.ts';
import { costIn, usageEventsStore } from '../store/usage-events.ts';

/** What the chat needs beside what every handler does. */
export interface ChatGateway extends Gateway {
  usageEvents: UsageEvents;
  rateLimits: RateLimits;
  budgets: Budgets;
  alerts: Alerts;
  ceiling: GlobalCeiling;
  circuits: Circuits;
  modelStatistics: ModelStatistics;
  conversations: Conversations;
  providerKeys: ProviderKeys;
  upstream: Upstream;
  signForAws: SignForAws;
}

/** The chat's gateway in these surroundings. */
export function composeChatGateway(surroundings: Surroundings, providerKeys: ProviderKeys): ChatGateway {
  const { configuration, database, onceDatabase, tableName, aws } = surroundings;
  const gateway = composeGateway(surroundings);
  const { clock } = gateway;
  const globalDay = configuration.budgetRules.globalDayMicroDollars;
  const usageEvents = usageEventsStore(database, tableName('usage'));
  return {
    ...gateway,
    usageEvents,
    rateLimits: rateLimitsStore(onceDatabase, tableName('traffic'), configuration.penalties, clock),
    budgets: budgetsStore(database, tableName('usage'), configuration.budgetRules, costIn(usageEvents), clock),
    ceiling: globalDay === undefined ? NO_CEILING : globalCeilingStore(database, tableName('usage'), globalDay, clock),
    alerts: alertsStore(database, tableName('usage'), clock),
    circuits: circuitsStore(onceDatabase, tableName('traffic'), configuration.circuit, clock),
    modelStatistics: modelStatisticsStore(onceDatabase, tableName('traffic'), clock),
    conversations: conversationsStore(database, tableName('traffic'), clock),
    providerKeys,
    upstream: httpUpstream(),
    signForAws: signForAws(aws),
  };
}

/** The gateway of the deployed chat function, from its environment. */
export function deployedChatGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): ChatGateway {
  const providerKeys = providerSecret(secretReader(required(environment, 'PROVIDER_SECRET_ARN')), Date.now);
  return composeChatGateway(deployedSurroundings(environment, configuration), providerKeys);
}
