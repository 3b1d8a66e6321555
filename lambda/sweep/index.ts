import { Logger } from '@aws-lambda-powertools/logger';
import { configuration } from '../../config/index.ts';
import { required } from '../gateway.ts';
import { deployedHotTier } from '../hot-tier/deployed-hot-tier.ts';
import { hotResponseCache } from '../hot-tier/hot-response-cache.ts';
import { powertoolsObserver } from '../powertools-observer.ts';
import { accountsStore } from '../store/accounts.ts';
import { alertsStore } from '../store/alerts.ts';
import { budgetsStore } from '../store/budgets.ts';
import { dynamoClient } from '../store/dynamo.ts';
import { costOfUnsettled } from '../store/lost-calls.ts';
import { responseCacheStore } from '../store/response-cache.ts';
import { type TableName, tableVariable } from '../store/tables.ts';
import { usageEventsStore } from '../store/usage-events.ts';
import { usageSummariesStore } from '../store/usage-summaries.ts';
import { awsAlertSink } from './alert-sink.ts';
import { carryOutErasures, type ErasePorts } from './erase.ts';
import { composeErasePorts } from './gateway.ts';
import { deliverAlerts, type SweepPorts, sweepAccounts } from './sweep.ts';

/** Runs every minute: alerts are delivered each time, accounts are gone through every 15 minutes. */
const ACCOUNTS_EVERY_MINUTES = 15;

const logger = new Logger({ serviceName: process.env.POWERTOOLS_SERVICE_NAME ?? 'sweep' });
const database = dynamoClient();
const tableName = (table: TableName) => required(process.env, tableVariable(table));
const usageTable = tableName('usage');
const { usageDays } = configuration.retention;
const events = usageEventsStore(database, usageTable, usageDays);
const unsettled = costOfUnsettled(events, configuration.priceCatalogueVersion);
const responses = responseCacheStore(database, tableName('responses'), Date.now);
const hotTier = deployedHotTier(process.env, database.config);
const ports: SweepPorts & ErasePorts = {
  accounts: accountsStore(database, tableName('accounts'), Date.now),
  budgets: budgetsStore(database, usageTable, configuration.budgetRules, unsettled, Date.now),
  alerts: alertsStore(database, usageTable, Date.now),
  usageSummaries: usageSummariesStore(database, usageTable, usageDays, Date.now),
  sink: awsAlertSink(required(process.env, 'DEPLOYMENT')),
  ...composeErasePorts(database, tableName, usageDays, Date.now),
  responseCache: hotTier ? hotResponseCache(responses, hotTier, Date.now) : responses,
  observer: powertoolsObserver('sweep', process.env),
  configuration,
};

export async function handler(event: { time?: string }): Promise<void> {
  const minute = new Date(event.time ?? Date.now()).getUTCMinutes();
  const reaped = minute % ACCOUNTS_EVERY_MINUTES === 0 ? await sweepAccounts(ports) : 0;
  await carryOutErasures(ports);
  const { delivered, failed } = await deliverAlerts(ports);
  if (reaped + delivered + failed > 0) logger.info('sweep', { reaped, delivered, failed });
  if (failed > 0) throw new Error(`${failed} alerts could not be delivered. They are tried again in a minute.`);
}
