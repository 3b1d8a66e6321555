import { type CacheWish, type ChatRequest, checkMessages, type RequestOptions } from '../core/chat-request.ts';
import { textOf } from '../core/completion.ts';
import { type ErrorBody, invalidRequest } from '../core/errors.ts';
import {
  checkFields,
  type FieldChecks,
  flag,
  integerBetween,
  listOf,
  numberBetween,
  textUpTo,
} from '../core/field-checks.ts';
import { isJsonObject, type JsonObject } from '../core/json-body.ts';
import { totalInputTokens, totalOutputTokens } from '../core/usage.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import type { CompleteAnswer } from '../workflow/attempt.ts';
import { type ChatResult, type ChatWire, type StreamWriter, serverSentEvent } from './chat-wire.ts';

const CHECKS: FieldChecks = {
  model: textUpTo(256),
  stream: flag,
  maxTokens: integerBetween(1, 10_000_000),
  maxCostPer1MTokens: numberBetween(0, 1_000_000),
  user: textUpTo(256),
  tags: listOf(textUpTo(256), 10),
  cache: (value) =>
    typeof value === 'string' && /^(off|exact|semantic)$/.test(value) ? undefined : 'must be off, exact or semantic',
  fallbacks: listOf(textUpTo(256), 10),
  timeoutMs: integerBetween(1, 999_999_999),
};

/** What the body says about the cache goes before what a header says. */
function cacheOption(choice: unknown, wish: CacheWish = { mayRead: true, mayKeep: true }): { cache?: CacheWish } {
  if (choice === 'off') return { cache: CACHE_OFF };
  return choice === undefined ? {} : { cache: { ...wish, isSemantic: choice === 'semantic' } };
}

const FIELDS = ['messages', ...Object.keys(CHECKS)];

/** POST /v2/chat: the product's own format. */
export const headgateChat: ChatWire = {
  name: 'headgate',

  parse(body: JsonObject, options: RequestOptions): ChatRequest {
    if (Object.keys(body).some((field) => !FIELDS.includes(field))) {
      throw invalidRequest('body', `The body has a field that /v2/chat does not know. It takes ${FIELDS.join(', ')}.`);
    }
    checkMessages(body.messages);
    checkFields(body, CHECKS);
    return {
      model: typeof body.model === 'string' ? body.model : undefined,
      stream: body.stream === true,
      streamOptions: {},
      body: { messages: body.messages },
      maxTokens: typeof body.maxTokens === 'number' ? body.maxTokens : undefined,
      options: { ...options, ...bodyOptions(body), ...cacheOption(body.cache, options.cache) },
    };
  },

  answer: (answer: CompleteAnswer, result: ChatResult) => JSON.stringify(resultBody(answer.facts.content, result)),

  stream: headgateStream,
};

const CACHE_OFF = { mayRead: false, mayKeep: false };

/** The caller's options from the body; where the body and a header both say something, the body is meant. */
function bodyOptions(body: JsonObject): RequestOptions {
  const fields = ['user', 'tags', 'fallbacks', 'timeoutMs', 'maxCostPer1MTokens'] as const;
  const given = fields.filter((field) => body[field] !== undefined && body[field] !== null);
  return Object.fromEntries(given.map((field) => [field, body[field]]));
}

function resultBody(content: string, result: ChatResult): JsonObject {
  const { usage } = result;
  return {
    requestId: result.requestId,
    content,
    model: result.model,
    provider: result.provider,
    cost: result.costMicroDollars / 1_000_000,
    cached: result.cached,
    latencyMs: result.latencyMs,
    usage: {
      inputTokens: totalInputTokens(usage),
      outputTokens: totalOutputTokens(usage),
      cachedTokens: usage.cacheReadTokens,
      reasoningTokens: usage.reasoningTokens,
    },
    attempts: result.attempts,
    route: result.route,
    finishReason: result.finishReason,
  };
}

function headgateStream(): StreamWriter {
  let content = '';
  return {
    chunk({ parsed }: StreamChunk): string {
      const [choice] = parsed.choices as unknown[];
      const delta = isJsonObject(choice) && isJsonObject(choice.delta) ? textOf(choice.delta) : '';
      if (delta === '') return '';
      content += delta;
      return serverSentEvent(JSON.stringify({ content: delta }), 'delta');
    },
    end: (result: ChatResult) => serverSentEvent(JSON.stringify(resultBody(content, result)), 'done'),
    error: (body: ErrorBody) => serverSentEvent(JSON.stringify(body), 'error'),
  };
}
