import { Logger } from '@aws-lambda-powertools/logger';
import { configuration } from '../../config/index.ts';
import { required } from '../gateway.ts';
import { accountsStore } from '../store/accounts.ts';
import { alertsStore } from '../store/alerts.ts';
import { budgetsStore } from '../store/budgets.ts';
import { dynamoClient } from '../store/dynamo.ts';
import { tableVariable } from '../store/tables.ts';
import { costIn, usageEventsStore } from '../store/usage-events.ts';
import { usageSummariesStore } from '../store/usage-summaries.ts';
import { awsAlertSink } from './alert-sink.ts';
import { deliverAlerts, type SweepPorts, sweepAccounts } from './sweep.ts';

/** Runs every minute: alerts are delivered each time, accounts are gone through every 15 minutes. */
const ACCOUNTS_EVERY_MINUTES = 15;

const logger = new Logger({ serviceName: 'sweep' });
const database = dynamoClient();
const usageTable = required(process.env, tableVariable('usage'));
const findCost = costIn(usageEventsStore(database, usageTable));
const ports: SweepPorts = {
  accounts: accountsStore(database, required(process.env, tableVariable('accounts')), Date.now),
  budgets: budgetsStore(database, usageTable, configuration.budgetRules, findCost, Date.now),
  alerts: alertsStore(database, usageTable, Date.now),
  usageSummaries: usageSummariesStore(database, usageTable, Date.now),
  sink: awsAlertSink(),
  clock: Date.now,
  configuration,
};

export async function handler(event: { time?: string }): Promise<void> {
  const minute = new Date(event.time ?? Date.now()).getUTCMinutes();
  const reaped = minute % ACCOUNTS_EVERY_MINUTES === 0 ? await sweepAccounts(ports) : 0;
  const { delivered, failed } = await deliverAlerts(ports);
  if (reaped + delivered + failed > 0) logger.info('sweep', { reaped, delivered, failed });
  if (failed > 0) throw new Error(`${failed} alerts could not be delivered. They are tried again in a minute.`);
}
