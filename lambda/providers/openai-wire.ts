import type { JsonObject } from '../core/json-body.ts';
import type { ProviderWire, WireEvent } from './provider-wire.ts';

const NOTHING: WireEvent = { chunks: [], isLast: false };
const END: WireEvent = { chunks: [], isLast: true };

/** OpenAI's own format: everything passes as it is, unknown fields too. */
export const openAiWire: ProviderWire = {
  request(request, { model }, provider) {
    const body: JsonObject = { ...request.body, model: model.upstreamName };
    if (request.maxTokens !== undefined) {
      delete body.max_tokens;
      delete body.max_completion_tokens;
      body[provider.maxTokensField] = request.maxTokens;
    }
    if (request.stream) {
      body.stream = true;
      if (provider.takesStreamOptions) body.stream_options = { ...request.streamOptions, include_usage: true };
    }
    return { path: '/chat/completions', headers: {}, body };
  },

  completion: (parsed, text) => ({ body: parsed, text }),

  streamReader: () => (data) => {
    if (data === '[DONE]') return END;
    if (data === '') return NOTHING;
    return { chunks: [{ text: data, parsed: JSON.parse(data) as JsonObject }], isLast: false };
  },

  refusal: (body) => body,
};
