import type { Configuration } from '../core/configuration.ts';
import { errorBody, toGatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json-body.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import type { ChatResult } from '../wires/chat-wire.ts';
import { headgateChat } from '../wires/headgate-chat.ts';
import { type CallProgress, restoredFailure, type StoredResult, type StoredRun } from '../workflow/run.ts';

/** A job as its owner sees it: where it stands, what came of each call, and the answer of `/v2/chat` or an error. */
export function jobView(
  run: StoredRun,
  progress: CallProgress | undefined,
  result: StoredResult | undefined,
  configuration: Pick<Configuration, 'models'>,
): JsonObject {
  const { attempts = 0, attemptLog = [] } = result?.progress ?? progress ?? {};
  const state = result ? (result.answer ? 'succeeded' : 'failed') : attemptLog.length > 0 ? 'running' : 'queued';
  return {
    id: run.requestId,
    object: 'job',
    state,
    createdAt: new Date(run.startedAtMs).toISOString(),
    deadline: new Date(run.deadlineAtMs).toISOString(),
    ...(result ? { endedAt: new Date(result.endedAtMs).toISOString() } : {}),
    attempts,
    attemptLog,
    ...(result?.answer ? { answer: answerOf(run, result, result.answer, configuration) } : {}),
    ...(result?.failure ? { error: errorOf(result.failure) } : {}),
  };
}

function answerOf(
  run: StoredRun,
  { endedAtMs, costMicroDollars, progress }: StoredResult,
  { text, facts, usage }: NonNullable<StoredResult['answer']>,
  { models }: Pick<Configuration, 'models'>,
): unknown {
  const model = progress.calledModel ?? run.asked;
  const body = JSON.parse(text) as JsonObject;
  const result: ChatResult = {
    requestId: run.requestId,
    model,
    provider: models[model]?.provider ?? model.slice(0, model.indexOf('/')),
    route: run.planRoute,
    attempts: progress.attempts,
    usage,
    costMicroDollars,
    cached: false,
    latencyMs: endedAtMs - run.startedAtMs,
    finishReason: facts.finishReason,
    identity: {},
  };
  return JSON.parse(headgateChat.answer({ kind: 'complete', body, text, facts, usage }, result));
}

function errorOf(failure: NonNullable<StoredResult['failure']>): unknown {
  const thrown = restoredFailure(failure);
  return errorBody(toGatewayError(thrown instanceof ProviderFailure ? thrown.error : thrown)).error;
}
