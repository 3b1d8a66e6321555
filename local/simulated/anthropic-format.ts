import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';
import type { SimulatedAnswer } from './answer.ts';
import type { SimulatedFormat } from './format.ts';

/** Anthropic's Messages API (Anthropic API reference, Messages; its pages "Streaming messages" and "Errors"). */
export const anthropicFormat: SimulatedFormat = {
  chatOf,
  usageOf: ({ inputTokens, outputTokens }) => ({
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
    service_tier: 'standard',
  }),
  impossibleUsage: { input_tokens: -5, output_tokens: 1e308 },

  whole: (answer, usage, body) => ({
    ...messageOf(answer),
    content: [...thinkingBlocks(answer, body), contentBlock(answer)],
    stop_reason: stopReason(answer),
    usage,
  }),

  *steps(answer, usage, body) {
    const thinking = thinkingBlocks(answer, body);
    const index = thinking.length;
    const { toolCall } = answer;
    yield [
      event('message_start', { message: { ...messageOf(answer), usage: usage && { ...usage, output_tokens: 1 } } }),
      event('ping', {}),
      ...thinking.flatMap(thinkingEvents),
      event('content_block_start', {
        index,
        content_block: toolCall ? { type: 'tool_use', ...toolCall, input: {} } : { type: 'text', text: '' },
      }),
    ].join('');
    for (const piece of answer.pieces) {
      const delta = toolCall ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece };
      yield event('content_block_delta', { index, delta });
    }
    yield event('content_block_stop', { index });
    yield event('message_delta', { delta: { stop_reason: stopReason(answer), stop_sequence: null }, usage });
    yield event('message_stop', {});
  },

  error: (message, status) => ({
    type: 'error',
    error: { type: ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'), message },
    request_id: 'req_simulated',
  }),
  errorEvent: (message) => event('error', { error: { type: 'overloaded_error', message } }),
  malformed: {
    whole: '{"type": "message", "content": [',
    stream: 'event: message_start\ndata: {"type": "message_start", "message": {\n\n',
  },
};

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function event(type: string, fields: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function messageOf({ id, model }: SimulatedAnswer): JsonObject {
  const type = 'message';
  return {
    id: id.replace('chatcmpl', 'msg'),
    type,
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

function contentBlock({ toolCall, pieces }: SimulatedAnswer): JsonObject {
  const text = pieces.join('');
  if (!toolCall) return { type: 'text', text };
  return { type: 'tool_use', ...toolCall, input: jsonOr({}, text) };
}

/** Arguments that a limit cut are no JSON. */
function jsonOr(otherwise: JsonObject, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

function stopReason({ finishReason }: SimulatedAnswer): string {
  return { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' }[finishReason];
}

/** A thought, where the request allows one. */
function thinkingBlocks({ id }: SimulatedAnswer, { thinking }: JsonObject): JsonObject[] {
  if (!isJsonObject(thinking) || thinking.type === 'disabled') return [];
  return [{ type: 'thinking', thinking: 'This is a simulated thought.', signature: `signature-of-${id}` }];
}

function thinkingEvents({ thinking, signature }: JsonObject, index: number): string[] {
  return [
    event('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } }),
    event('content_block_delta', { index, delta: { type: 'thinking_delta', thinking } }),
    event('content_block_delta', { index, delta: { type: 'signature_delta', signature } }),
    event('content_block_stop', { index }),
  ];
}

/** A request of Anthropic's in OpenAI's words, as far as the simulated model listens. */
function chatOf(body: JsonObject): JsonObject {
  const { model, max_tokens: maxTokens, messages, tools, tool_choice: choice, output_config: output } = body;
  const format = isJsonObject(output) && isJsonObject(output.format) ? output.format : undefined;
  return {
    model,
    max_tokens: maxTokens,
    messages: Array.isArray(messages) ? messages.filter(isJsonObject).map(openAiMessage) : messages,
    ...(Array.isArray(tools) ? { tools: tools.filter(isJsonObject).map(openAiTool) } : {}),
    ...(isJsonObject(choice) ? { tool_choice: openAiChoice(choice) } : {}),
    ...(format ? { response_format: { type: 'json_schema', json_schema: { schema: format.schema } } } : {}),
  };
}

/** A turn that brings results alone is a tool's. */
function openAiMessage(message: JsonObject): JsonObject {
  const blocks = Array.isArray(message.content) ? message.content.filter(isJsonObject) : [];
  const isResult = message.role === 'user' && blocks.length > 0 && blocks.every(({ type }) => type === 'tool_result');
  return isResult ? { role: 'tool', content: blocks.flatMap(({ content }) => content) } : message;
}

function openAiTool({ name, input_schema: parameters }: JsonObject): JsonObject {
  return { type: 'function', function: { name, parameters } };
}

function openAiChoice({ type, name }: JsonObject): unknown {
  return type === 'tool' ? { type: 'function', function: { name } } : type;
}
