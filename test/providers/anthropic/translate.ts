import type { ChatRequest } from '../../../lambda/core/chat-request.ts';
import type { JsonObject } from '../../../lambda/core/json-body.ts';
import { messagesRequest } from '../../../lambda/providers/anthropic/request.ts';

/** Names of models, one for each way a generation thinks. */
export const NEWEST = 'claude-test';
export const BUDGETED = 'claude-sonnet-4-5-20250929';
export const OLD = 'claude-3-5-haiku-20241022';

export interface Options {
  model?: string;
  defaultMaxOutputTokens?: number;
  maxTokens?: number;
  stream?: boolean;
}

/** An OpenAI request as Anthropic's. */
export function translate(body: JsonObject & { messages: JsonObject[] }, options: Options = {}): JsonObject {
  const { model: upstreamName = NEWEST, maxTokens, stream = false, ...limits } = options;
  const request: ChatRequest = { model: undefined, stream, streamOptions: {}, body, maxTokens, options: {} };
  const price = { inputPerMillion: 1, outputPerMillion: 1 };
  const model = { provider: 'anthropic', upstreamName, contextWindowTokens: 200_000, price, ...limits };
  return messagesRequest(request, { modelId: 'anthropic/test', model, waitMs: 0, timeoutMs: 1 });
}

/** The message "hi". */
export const hi = { role: 'user', content: 'hi' };
/** The same as a turn. */
export const hiTurn = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
/** A block of text. */
export const text = (words: string) => ({ type: 'text', text: words });
/** A translated request with these fields, for the message "hi". */
export const withFields = (fields: JsonObject, options: Options = {}) =>
  translate({ messages: [hi], ...fields }, options);
/** The turns these messages become. */
export const turnsOf = (...messages: JsonObject[]) => translate({ messages }).messages;

/** A tool call of OpenAI's. */
export const call = (id: string, name: string, argumentsText: string) => ({
  id,
  type: 'function',
  function: { name, arguments: argumentsText },
});
/** A tool. */
export const weather = { type: 'function', function: { name: 'weather', parameters: { properties: {} } } };

/** What a call throws. */
export function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (thrown) {
    return thrown;
  }
}
