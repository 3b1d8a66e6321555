import { composeGateway, type Gateway, type Surroundings } from '../gateway.ts';
import type {
  Alerts,
  Budgets,
  Circuits,
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
import { globalCeilingStore, NO_CEILING } from '../store/global-ceiling.ts';
import { costOfUnsettled } from '../store/lost-calls.ts';
import { modelStatisticsStore } from '../store/model-statistics.ts';
import { rateLimitsStore } from '../store/rate-limits.ts';
import { usageEventsStore } from '../store/usage-events.ts';

/** What a call to a model needs, from its admission to its settlement, beside what every handler does. */
export interface CallGateway extends Gateway {
  usageEvents: UsageEvents;
  rateLimits: RateLimits;
  budgets: Budgets;
  alerts: Alerts;
  ceiling: GlobalCeiling;
  circuits: Circuits;
  modelStatistics: ModelStatistics;
  providerKeys: ProviderKeys;
  upstream: Upstream;
  signForAws: SignForAws;
  /** Aborted when the process is about to end: what no caller waits for ends with it, and is settled. */
  stopping?: AbortSignal | undefined;
}

/** The gateway of calls in these surroundings. */
export function composeCallGateway(surroundings: Surroundings, providerKeys: ProviderKeys): CallGateway {
  const { configuration, database, onceDatabase, tableName, aws } = surroundings;
  const gateway = composeGateway(surroundings);
  const { clock } = gateway;
  const globalDay = configuration.budgetRules.globalDayMicroDollars;
  const usageEvents = usageEventsStore(database, tableName('usage'), configuration.retention.usageDays);
  const unsettled = costOfUnsettled(usageEvents, configuration.priceCatalogueVersion);
  return {
    ...gateway,
    usageEvents,
    rateLimits: rateLimitsStore(onceDatabase, tableName('traffic'), configuration.penalties, clock),
    budgets: budgetsStore(database, tableName('usage'), configuration.budgetRules, unsettled, clock),
    ceiling: globalDay === undefined ? NO_CEILING : globalCeilingStore(database, tableName('usage'), globalDay, clock),
    alerts: alertsStore(database, tableName('usage'), clock),
    circuits: circuitsStore(onceDatabase, tableName('traffic'), configuration.circuit, clock),
    modelStatistics: modelStatisticsStore(onceDatabase, tableName('traffic'), clock),
    providerKeys,
    upstream: httpUpstream(),
    signForAws: signForAws(aws),
    stopping: surroundings.stopping,
  };
}
