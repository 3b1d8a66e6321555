import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Call, CallContext } from '../call.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import type { JobTerms } from '../core/job-request.ts';
import { isRequestId } from '../core/request-id.ts';
import type { BufferedHandler, HttpResponse } from '../http.ts';
import { type JsonAnswer, jsonResponse, keyedHandler } from '../json-handler.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { giveBackKey, idempotent } from '../middleware/idempotent.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import { planModels } from '../middleware/plan-models.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import { storedRun } from '../workflow/run.ts';
import { firstPosition } from '../workflow/run-ports.ts';
import type { JobsGateway } from './gateway.ts';
import { jobView } from './job-view.ts';
import { parseJob } from './parse-job.ts';

/** What an unfinished job has, so that its reader can be told when to ask again. */
const ASK_AGAIN_SECONDS = 2;

/** A job's result can be read for a week. */
const KEPT_MS = 7 * 86_400_000;

/** POST /v2/jobs and GET /v2/jobs/{id}: chats that outlive their request. */
export function jobsHandler(gateway: JobsGateway): BufferedHandler {
  const create = createPipeline(gateway);
  const read = keyedHandler(gateway, ({ pathParameters }, { caller }) =>
    readJob(gateway, caller?.account ?? '', pathParameters?.id ?? ''),
  );
  return (event, context) => (event.httpMethod === 'POST' ? create(event, context) : read(event, context));
}

function createPipeline(gateway: JobsGateway): BufferedHandler {
  // A job waits for a model that is down.
  const planner = {
    ...gateway,
    circuits: { look: async () => new Map() },
    conversations: undefined,
    providerKeys: undefined,
  };
  const pipeline = middy({
    timeoutEarlyInMillis: 0,
    requestEnd: requestEnded({ ...gateway, atEnd: (call) => giveBackKey(gateway, call) }),
  })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(authenticate(gateway))
    .use(idempotent(gateway, 202))
    .use(parseJob(gateway))
    .use(planModels(planner))
    .use(rateLimit(gateway))
    .handler(async (_event: APIGatewayProxyEvent, { call }: CallContext) => createJob(gateway, call));
  return pipeline as unknown as BufferedHandler;
}

async function createJob(gateway: JobsGateway, call: Call): Promise<HttpResponse> {
  const { accounts, configuration, jobRuns, jobStarter, personalItems, clock } = gateway;
  const { chat, plan, caller, job } = call;
  if (!chat || !plan || !caller || !job) throw new Error('parseJob and planModels must run before the handler');
  if (job.webhook && (await accounts.webhookSecret(caller.account)) === undefined) {
    const message = 'The account has no secret to sign webhooks with: POST /v2/admin/accounts/{id}/webhook-secret.';
    throw invalidRequest('webhook', message);
  }
  const deadlineAtMs = call.startedAtMs + job.deadlineSeconds * 1_000;
  const { timeoutMs = Number.POSITIVE_INFINITY } = chat.request.options;
  const stored = storedRun(call, chat.request, plan, deadlineAtMs, deadlineAtMs + KEPT_MS);
  // What bounds a chat as a whole bounds each call of a job.
  const steps = stored.steps.map((step) => ({ ...step, timeoutMs: Math.min(step.timeoutMs, timeoutMs) }));
  const run = { ...stored, steps, ...webhookOf(job) };
  await personalItems.noteJob(run);
  await jobRuns.put(run);
  await jobStarter.start(firstPosition('job', run, 0, 0));
  const body = jobView(run, undefined, undefined, configuration);
  const headers = { location: `/v2/jobs/${call.requestId}` };
  return jsonResponse({ status: 202, body, headers }, call, clock());
}

function webhookOf({ webhook }: JobTerms): { webhook?: string } {
  return webhook ? { webhook: webhook.href } : {};
}

async function readJob(gateway: JobsGateway, account: string, id: string): Promise<JsonAnswer> {
  const { jobRuns, configuration } = gateway;
  const run = isRequestId(id) ? await jobRuns.find(account, id) : undefined;
  if (!run || run.isErased)
    throw new GatewayError('not_found', 'This account has no job of this id, or it is older than a week.');
  const result = await jobRuns.result(account, id);
  const progress = result ? undefined : await jobRuns.progress(account, id);
  const headers: Record<string, string> = result ? {} : { 'retry-after': String(ASK_AGAIN_SECONDS) };
  return { status: 200, body: jobView(run, progress, result, configuration), headers };
}
