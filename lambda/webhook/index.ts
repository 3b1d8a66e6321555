import { configuration } from '../../config/index.ts';
import { required } from '../gateway.ts';
import { answerReleaseCheck, isReleaseCheck, type ReleaseCheckEvent } from '../release-check/task.ts';
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
export function handler(event: RunOutput | ReleaseCheckEvent): Promise<RunOutput | { isReady: true }> {
  if (!isReleaseCheck(event)) return notifyTask(ports, event);
  return answerReleaseCheck(
    () => ports.accounts.find('release-check'),
    () => ports.jobRuns.find('release-check', 'release-check'),
  );
}
