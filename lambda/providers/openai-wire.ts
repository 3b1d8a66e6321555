import { maxTokensOf } from '../core/chat-request.ts';
import type { JsonObject } from '../core/json-body.ts';
import { withPlainEndings } from './filtered-endings.ts';
import type { ProviderWire, WireEvent } from './provider-wire.ts';
import { openAiRefusal } from './refusal-shapes.ts';

const NOTHING: WireEvent = { chunks: [], isLast: false };
const END: WireEvent = { chunks: [], isLast: true };

/** OpenAI's own format: everything passes as it is, unknown fields too, but for the limit, which each provider names. */
export const openAiWire: ProviderWire = {
  request(request, { model }, provider) {
    const body: JsonObject = { ...request.body, model: model.upstreamName };
    // Some refuse a request that has the other name for it.
    const maxTokens = maxTokensOf(request);
    delete body.max_tokens;
    delete body.max_completion_tokens;
    if (maxTokens !== undefined) body[provider.maxTokensField] = maxTokens;
    if (model.reasoningEffortWithTools !== undefined && offersTools(body)) {
      body.reasoning_effort ??= model.reasoningEffortWithTools;
    }
    if (request.stream) {
      body.stream = true;
      if (provider.takesStreamOptions) body.stream_options = { ...request.streamOptions, include_usage: true };
    }
    return { path: '/chat/completions', headers: {}, body };
  },

  completion(parsed, text) {
    const body = withPlainEndings(parsed, text);
    return { body, text: body === parsed ? text : JSON.stringify(body) };
  },

  streamReader: () => (data) => {
    if (data === '[DONE]') return END;
    if (data === '') return NOTHING;
    const parsed = JSON.parse(data) as JsonObject;
    const chunk = withPlainEndings(parsed, data);
    return { chunks: [{ text: chunk === parsed ? data : JSON.stringify(chunk), parsed: chunk }], isLast: false };
  },

  refusal: openAiRefusal,
};

function offersTools({ tools, functions }: JsonObject): boolean {
  return [tools, functions].some((list) => Array.isArray(list) && list.length > 0);
}
