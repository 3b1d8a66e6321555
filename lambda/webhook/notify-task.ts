import type { Configuration } from '../core/configuration.ts';
import { webhookHeaders } from '../core/webhook-signature.ts';
import { jobView } from '../jobs/job-view.ts';
import type { Accounts, Clock } from '../ports.ts';
import type { RunOutput, Runs } from '../workflow/run-ports.ts';

export interface NotifyPorts {
  accounts: Pick<Accounts, 'webhookSecret' | 'find'>;
  jobRuns: Runs;
  configuration: Pick<Configuration, 'models'>;
  clock: Clock;
  send(url: URL, headers: Record<string, string>, body: string): Promise<void>;
}

/**
 * Tells a job's webhook of its end: `{type, timestamp, data}`, where `data` is the job as `GET /v2/jobs/{id}` shows it. The
 * same job has the same `webhook-id` each time. Throws when the receiver does not take it, for the machine to try again.
 */
export async function notifyTask(ports: NotifyPorts, output: RunOutput): Promise<RunOutput> {
  const { accounts, jobRuns, configuration, clock, send } = ports;
  const { account, requestId } = output;
  const [run, result, secret, owner] = await Promise.all([
    jobRuns.find(account, requestId),
    jobRuns.result(account, requestId),
    accounts.webhookSecret(account),
    accounts.find(account),
  ]);
  // Its end user was erased.
  if (!run || run.isErased) return output;
  if (!run.webhook || !result) throw new Error('There is no ended job with a webhook.');
  const url = new URL(run.webhook);
  // An admin may have taken the host away since.
  const isRegistered = owner?.terms.webhookHosts?.includes(url.host) ?? false;
  if (secret === undefined || !isRegistered) return output;
  const body = JSON.stringify({
    type: result.answer ? 'job.succeeded' : 'job.failed',
    timestamp: new Date(result.endedAtMs).toISOString(),
    data: jobView(run, undefined, result, configuration),
  });
  await send(url, webhookHeaders(requestId, clock(), body, secret), body);
  return output;
}
