import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import type { Abilities } from './abilities.ts';
import { strictSchema } from './strict-schema.ts';

/** What makes the model write JSON: a schema that is enforced, or words for the system prompt. */
export interface OutputFormat {
  format?: JsonObject;
  instruction?: JsonObject;
}

const JSON_ONLY = 'Answer with one JSON object and nothing else: no words around it, no code fence.';

/**
 * OpenAI's `response_format` in Anthropic's way (its page "Structured outputs": `output_config.format`). Generations that
 * do not enforce schemas are told of them, and so is every model for `json_object`, which Anthropic has no field for.
 */
export function outputFormatOf(responseFormat: unknown, { takesSchemas }: Abilities): OutputFormat {
  if (!isJsonObject(responseFormat)) return {};
  if (responseFormat.type === 'json_object') return { instruction: { type: 'text', text: JSON_ONLY } };
  const { json_schema: named } = responseFormat;
  if (responseFormat.type !== 'json_schema' || !isJsonObject(named) || !isJsonObject(named.schema)) return {};
  if (takesSchemas) return { format: { type: 'json_schema', schema: strictSchema(named.schema) } };
  const text = `${JSON_ONLY} It must fit this JSON schema:\n${JSON.stringify(named.schema)}`;
  return { instruction: { type: 'text', text } };
}
