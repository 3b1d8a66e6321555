import type { JsonObject } from '../../lambda/core/json-body.ts';
import type { SimulatedAnswer } from './answer.ts';

const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** The answer as one OpenAI chat completion. */
export function completionOf(answer: SimulatedAnswer): JsonObject {
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
    usage: answer.usage,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  };
}

/** The answer as the chunks of an OpenAI stream, without pauses and without `[DONE]`. */
export function* chunksOf(answer: SimulatedAnswer, includeUsage: boolean): Generator<JsonObject> {
  const base = {
    id: answer.id,
    object: 'chat.completion.chunk',
    created: nowSeconds(),
    model: answer.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
    ...(includeUsage ? { usage: null } : {}),
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
  if (includeUsage) yield { ...base, choices: [], usage: answer.usage };
}

function callDelta(argumentsText: string, start?: { id: string; name: string }): JsonObject {
  if (!start) return { index: 0, function: { arguments: argumentsText } };
  return { index: 0, id: start.id, type: 'function', function: { name: start.name, arguments: argumentsText } };
}
