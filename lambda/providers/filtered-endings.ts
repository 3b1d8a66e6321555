import { isJsonObject, type JsonObject } from '../core/json-body.ts';

/** Gemini's endings of an answer that its filter took: `content_filter: PROHIBITED_CONTENT` and the like. */
const FILTERED = /^content_filter\s*:/;

/**
 * An answer or a chunk whose choices end as OpenAI's do. Gemini says which filter it was where OpenAI says only that one
 * was, and leaves the message out altogether. Answers with the same object when there is nothing to change.
 */
export function withPlainEndings<Body>(body: Body, text: string): Body | JsonObject {
  if (!text.includes('content_filter:') || !isJsonObject(body) || !Array.isArray(body.choices)) return body;
  if (!body.choices.some(isFiltered)) return body;
  return { ...body, choices: body.choices.map((choice) => (isFiltered(choice) ? plainEnding(choice) : choice)) };
}

function isFiltered(choice: unknown): choice is JsonObject {
  return isJsonObject(choice) && typeof choice.finish_reason === 'string' && FILTERED.test(choice.finish_reason);
}

function plainEnding(choice: JsonObject): JsonObject {
  const part = isJsonObject(choice.delta) ? {} : { message: choice.message ?? { role: 'assistant', content: null } };
  return { ...choice, ...part, finish_reason: 'content_filter' };
}
