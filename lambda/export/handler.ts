import { Readable } from 'node:stream';
import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/executionModeStreamifyResponse';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { answerHeaders } from '../answer-headers.ts';
import type { CallContext } from '../call.ts';
import { DAY_MS } from '../core/calendar.ts';
import { csvLine } from '../core/csv.ts';
import { type Erasure, withoutErased } from '../core/erasure.ts';
import { invalidRequest } from '../core/errors.ts';
import { given } from '../core/given.ts';
import { totalInputTokens, totalOutputTokens } from '../core/usage.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import { type HttpResponse, JSON_TYPE, type StreamingHandler } from '../http.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import { queryOf } from '../query-of.ts';
import { accountIn, checkFields, daysIn } from '../usage/usage-query.ts';
import { utcDayAt } from '../utc-day.ts';
import type { ExportGateway } from './gateway.ts';
import { type Asked, heldItems, keptAnswers, scoredRequests } from './held.ts';

/**
 * GET /v2/usage/export: everything that is held about an account, or one of its end users, as a stream: as JSON, or its
 * requests as CSV.
 */
export function exportHandler(gateway: ExportGateway): StreamingHandler {
  const pipeline = middy({
    executionMode: executionModeStreamifyResponse,
    timeoutEarlyInMillis: 0,
    requestEnd: requestEnded(gateway),
  })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(authenticate(gateway))
    .handler((event: APIGatewayProxyEvent, { call }: CallContext) => answerExport(gateway, event, call));
  // Middy's type asks the invoker for what its own middlewares add to the context.
  return pipeline as unknown as StreamingHandler;
}

async function answerExport(
  gateway: ExportGateway,
  event: APIGatewayProxyEvent,
  call: CallContext['call'],
): Promise<HttpResponse> {
  if (!call.caller) throw new Error('authenticate must run before the handler');
  const query = queryOf(event);
  checkFields(query, 'GET /v2/usage/export', ['account', 'user', 'from', 'to', 'format']);
  const { user, format = 'json' } = query;
  if (format !== 'json' && format !== 'csv') throw invalidRequest('format', 'format must be json or csv.');
  const account = accountIn(query, call.caller);
  const nowMs = gateway.clock();
  const { usageDays } = gateway.configuration.retention;
  const oldest = utcDayAt(nowMs - (usageDays - 1) * DAY_MS);
  const days = daysIn({ from: oldest, ...query }, nowMs, usageDays);
  const orders = await gateway.erasures.of(account);
  const events = shown(gateway.eventsBetween(account, days.fromDay * DAY_MS, (days.toDay + 1) * DAY_MS), user, orders);
  const text = format === 'csv' ? csvOf(events) : jsonOf(gateway, { account, user, orders }, events);
  const fileName = `headgate-usage.${format}`;
  return {
    statusCode: 200,
    headers: {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : JSON_TYPE,
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
      ...answerHeaders(call, nowMs),
    },
    body: Readable.from(text),
  };
}

/** Of an account or one of its end users, without what is to be erased. */
async function* shown(
  events: AsyncGenerator<UsageEvent>,
  user: string | undefined,
  orders: readonly Erasure[],
): AsyncGenerator<UsageEvent> {
  for await (const event of events) {
    const one = withoutErased(event, orders);
    if (user === undefined || one.user === user) yield one;
  }
}

/** One JSON object, a request a line. It is whole only with its last brace: a stream that breaks is no JSON. */
async function* jsonOf(
  gateway: ExportGateway,
  asked: Asked,
  events: AsyncGenerator<UsageEvent>,
): AsyncGenerator<string> {
  const { account, user } = asked;
  yield JSON.stringify({ account, ...given({ user }) }).slice(0, -1);
  // Only routed requests can be scored.
  const routed = new Set<string>();
  yield* listed('requests', noting(events, routed));
  yield* listed('keptAnswers', keptAnswers(gateway, asked));
  for (const kind of ['jobs', 'idempotentAnswers', 'conversations'] as const) {
    yield* listed(kind, heldItems(gateway, kind, asked));
  }
  yield* listed('scoredRequests', scoredRequests(gateway, asked, routed));
  yield '}\n';
}

async function* noting(events: AsyncGenerator<UsageEvent>, routed: Set<string>): AsyncGenerator<UsageEvent> {
  for await (const event of events) {
    if (event.routing) routed.add(event.requestId);
    yield event;
  }
}

/** A field of the object with a list, an entry a line. */
async function* listed(name: string, entries: AsyncGenerator<unknown>): AsyncGenerator<string> {
  yield `,${JSON.stringify(name)}:[`;
  let separator = '\n';
  for await (const entry of entries) {
    yield separator + JSON.stringify(entry);
    separator = ',\n';
  }
  yield '\n]';
}

const COLUMNS = [
  'requestId',
  'startedAt',
  'keyId',
  'user',
  'tags',
  'requestedModel',
  'model',
  'provider',
  'outcome',
  'errorCode',
  'cache',
  'inputTokens',
  'outputTokens',
  'costMicroDollars',
  'savedMicroDollars',
  'attempts',
  'latencyMs',
  'timeToFirstTokenMs',
  'side',
  'sideOf',
  'score',
] as const;

async function* csvOf(events: AsyncGenerator<UsageEvent>): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for await (const event of events) {
    const cells: Record<(typeof COLUMNS)[number], string | number | undefined> = {
      requestId: event.requestId,
      startedAt: new Date(event.startedAtMs).toISOString(),
      keyId: event.keyId,
      user: event.user,
      tags: event.tags?.join(' '),
      requestedModel: event.requestedModel ?? undefined,
      model: event.model,
      provider: event.provider,
      outcome: event.outcome,
      errorCode: event.errorCode,
      cache: event.cache,
      inputTokens: totalInputTokens(event.usage),
      outputTokens: totalOutputTokens(event.usage),
      costMicroDollars: event.costMicroDollars,
      savedMicroDollars: event.savedMicroDollars,
      attempts: event.attempts,
      latencyMs: event.latencyMs,
      timeToFirstTokenMs: event.timeToFirstTokenMs,
      side: event.side?.kind,
      sideOf: event.side?.of,
      score: event.score,
    };
    yield csvLine(COLUMNS.map((column) => cells[column]));
  }
}
