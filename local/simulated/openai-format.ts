import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';
import type { SimulatedAnswer } from './answer.ts';
import type { SimulatedFormat } from './format.ts';

const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** OpenAI's chat completions. */
export const openAiFormat: SimulatedFormat = {
  chatOf: (body) => body,
  usageOf: ({ inputTokens, outputTokens }) => ({
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }),
  impossibleUsage: { prompt_tokens: -5, completion_tokens: 1e308, total_tokens: 0 },
  whole: (answer, usage) => ({ ...completionOf(answer), usage }),

  *steps(answer, usage, { stream_options: options }) {
    const wantsUsage = isJsonObject(options) && options.include_usage === true;
    for (const chunk of chunksOf(answer, wantsUsage ? usage : undefined)) yield eventOf(chunk);
    yield 'data: [DONE]\n\n';
  },

  error: (message) => ({ error: { message, type: 'simulated', param: null, code: null } }),
  errorEvent: (message) => eventOf({ error: { message, code: 500 } }),
  malformed: { whole: '{"choices": [', stream: 'data: {"choices": [\n\n' },
};

function eventOf(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** The answer as one OpenAI chat completion. */
function completionOf(answer: SimulatedAnswer): JsonObject {
  const text = answer.pieces.join('');
  const message: JsonObject = answer.toolCall
    ? {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: answer.toolCall.id, type: 'function', function: { name: answer.toolCall.name, arguments: text } },
        ],
        refusal: null,
      }
    : { role: 'assistant', content: text, refusal: null, annotations: [] };
  const choices = Array.from({ length: answer.choices }, (_, index) => ({
    index,
    message,
    logprobs: null,
    finish_reason: answer.finishReason,
  }));
  return {
    id: answer.id,
    object: 'chat.completion',
    created: nowSeconds(),
    model: answer.model,
    choices,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  };
}

/** The answer as the chunks of an OpenAI stream, without `[DONE]`. */
function* chunksOf(answer: SimulatedAnswer, usage: JsonObject | undefined): Generator<JsonObject> {
  const base = {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: nowSeconds(),
    model: answer.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
    ...(usage ? { usage: null } : {}),
  };
  const chunk = (index: number, delta: JsonObject, finishReason: string | null = null) => ({
    ...base,
    choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
  });
  const { toolCall } = answer;
  for (let index = 0; index < answer.choices; index++) {
    yield chunk(
      index,
      toolCall
        ? { role: 'assistant', content: null, tool_calls: [callDelta('', toolCall)] }
        : { role: 'assistant', content: '', refusal: null },
    );
    for (const piece of answer.pieces)
      yield chunk(index, toolCall ? { tool_calls: [callDelta(piece)] } : { content: piece });
    yield chunk(index, {}, answer.finishReason);
  }
  if (usage) yield { ...base, choices: [], usage };
}

function callDelta(argumentsText: string, start?: { id: string; name: string }): JsonObject {
  if (!start) return { index: 0, function: { arguments: argumentsText } };
  return { index: 0, id: start.id, type: 'function', function: { name: start.name, arguments: argumentsText } };
}
