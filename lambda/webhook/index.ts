import { configuration } from '../../config/index.ts';
import { required } from '../gateway.ts';
import { accountsStore } from '../store/accounts.ts';
import { dynamoClient } from '../store/dynamo.ts';
import { runsStore } from '../store/runs.ts';
import { tableVariable } from '../store/tables.ts';
import type { RunOutput } from '../workflow/run-ports.ts';
import { notifyTask } from './notify-task.ts';
import { sendWebhook } from './send-webhook.ts';

const database = dynamoClient();
const ports = {
  accounts: accountsStore(database, required(process.env, tableVariable('accounts')), Date.now),
  jobRuns: runsStore(database, required(process.env, tableVariable('usage')), Date.now),
  configuration,
  clock: Date.now,
  send: sendWebhook,
};

/** What the jobs' state machine calls when a job with a webhook has ended. */
export function handler(output: RunOutput): Promise<RunOutput> {
  return notifyTask(ports, output);
}
