import { invalidRequest } from './errors.ts';
import { checkFields, integerBetween, textUpTo } from './field-checks.ts';
import type { JsonObject } from './json-body.ts';

/** What a job says beside its chat. */
export interface JobTerms {
  /** How long its plan may be run, seconds. */
  deadlineSeconds: number;
  /** Where its end is told. */
  webhook: URL | undefined;
}

const DAY_SECONDS = 86_400;

/** A job that says nothing is given up after an hour. */
const DEFAULT_DEADLINE_SECONDS = 3_600;

const CHECKS = { deadline: integerBetween(1, DAY_SECONDS), webhook: textUpTo(2_048) };

/**
 * Parts a job's body into what is about the job and what is about its chat. Throws a 400 by field; a webhook must go to one
 * of the hosts that an admin has registered for the account.
 */
export function partJob(body: JsonObject, webhookHosts: readonly string[]): { job: JobTerms; chat: JsonObject } {
  checkFields(body, CHECKS);
  const { deadline, webhook, ...chat } = body;
  if (chat.stream === true) throw invalidRequest('stream', 'A job is not streamed: leave "stream" out.');
  return {
    job: {
      deadlineSeconds: typeof deadline === 'number' ? deadline : DEFAULT_DEADLINE_SECONDS,
      webhook: typeof webhook === 'string' ? webhookUrl(webhook, webhookHosts) : undefined,
    },
    chat,
  };
}

function webhookUrl(webhook: string, hosts: readonly string[]): URL {
  const url = URL.canParse(webhook) ? new URL(webhook) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw invalidRequest('webhook', '"webhook" must be an https address without a user or password in it.');
  }
  if (!hosts.includes(url.host)) {
    throw invalidRequest('webhook', '"webhook" must go to a host that an admin has registered in "webhookHosts".');
  }
  return url;
}
