import { type ChatRequest, checkMessages, type RequestOptions } from '../core/chat-request.ts';
import { keptUser } from '../core/end-user.ts';
import type { ErrorBody } from '../core/errors.ts';
import {
  checkFields,
  type FieldChecks,
  flag,
  integerBetween,
  numberBetween,
  text,
  textUpTo,
} from '../core/field-checks.ts';
import { isJsonObject, type JsonObject } from '../core/json-body.ts';
import { dollarsText } from '../core/price.ts';
import { toOpenAiUsage } from '../core/usage.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import type { CompleteAnswer } from '../workflow/attempt.ts';
import { type ChatResult, type ChatWire, type StreamWriter, serverSentEvent } from './chat-wire.ts';

const isObject = (value: unknown) => (isJsonObject(value) ? undefined : 'must be an object');
const isList = (value: unknown) => (Array.isArray(value) ? undefined : 'must be a list');

/** More than any model can write; a larger number is a mistake that would only reserve money. */
const MAXIMUM_TOKENS = 10_000_000;

/** Fields whose wrong type would waste a call. Everything else goes to the provider as it is, and it is the judge. */
const CHECKS: FieldChecks = {
  model: textUpTo(256),
  stream: flag,
  stream_options: isObject,
  max_tokens: integerBetween(1, MAXIMUM_TOKENS),
  max_completion_tokens: integerBetween(1, MAXIMUM_TOKENS),
  n: integerBetween(1, 128),
  temperature: numberBetween(0, 2),
  top_p: numberBetween(0, 1),
  frequency_penalty: numberBetween(-2, 2),
  presence_penalty: numberBetween(-2, 2),
  tools: isList,
  response_format: isObject,
  user: text,
};

/** POST /v1/chat/completions: OpenAI's own format, passed through. */
export const openAiChat: ChatWire = {
  name: 'openai',

  parse(body: JsonObject, options: RequestOptions): ChatRequest {
    checkMessages(body.messages);
    checkFields(body, CHECKS);
    const { model, stream, stream_options: streamOptions, ...rest } = body;
    const user = options.user ?? (typeof body.user === 'string' && body.user !== '' ? keptUser(body.user) : undefined);
    return {
      model: typeof model === 'string' ? model : undefined,
      stream: stream === true,
      streamOptions: isJsonObject(streamOptions) ? streamOptions : {},
      body: { ...rest, messages: body.messages },
      maxTokens: undefined,
      options: user === undefined ? options : { ...options, user },
    };
  },

  answer(answer: CompleteAnswer): string {
    if (!answer.usage.estimated) return answer.text;
    return JSON.stringify({ ...answer.body, usage: toOpenAiUsage(answer.usage) });
  },

  stream: (request) => openAiStream(request.streamOptions.include_usage === true),
};

function openAiStream(wantsUsage: boolean): StreamWriter {
  let usageChunk: JsonObject | undefined;
  return {
    chunk({ text: original, parsed }: StreamChunk): string {
      if (!('usage' in parsed)) return serverSentEvent(original);
      const { usage, ...rest } = parsed;
      if (!isJsonObject(usage)) return serverSentEvent(wantsUsage ? original : JSON.stringify(rest));
      usageChunk = parsed;
      const isUsageOnly = Array.isArray(parsed.choices) && parsed.choices.length === 0;
      return isUsageOnly ? '' : serverSentEvent(JSON.stringify(wantsUsage ? { ...rest, usage: null } : rest));
    },

    end(result: ChatResult): string {
      const done = serverSentEvent('[DONE]');
      return wantsUsage ? serverSentEvent(JSON.stringify(lastUsage(usageChunk, result))) + done : done;
    },

    error: (body: ErrorBody) => serverSentEvent(JSON.stringify(body)),
  };
}

/** The chunk OpenAI ends a stream with when asked for usage, with what the answer cost beside the tokens. */
function lastUsage(provided: JsonObject | undefined, { usage, costMicroDollars, identity }: ChatResult): JsonObject {
  const tokens = usage.estimated || !isJsonObject(provided?.usage) ? toOpenAiUsage(usage) : provided.usage;
  return {
    object: 'chat.completion.chunk',
    ...identity,
    ...provided,
    choices: [],
    usage: { ...tokens, cost_usd: Number(dollarsText(costMicroDollars)) },
  };
}
