import type { ChatRequest } from './chat-request.ts';
import type { InputKind, Model } from './configuration.ts';
import { estimateInputTokens } from './estimate-tokens.ts';
import { isJsonObject } from './json-body.ts';
import { abilitiesOf } from './model-abilities.ts';

/** What a request asks of whoever answers it. */
export interface RequestNeeds {
  inputs: ReadonlySet<InputKind>;
  tools: boolean;
  jsonSchema: boolean;
  /** Our estimate: a little wrong for any single tokenizer. */
  inputTokens: number;
}

const INPUT_KINDS: Readonly<Record<string, InputKind>> = {
  image_url: 'image',
  input_audio: 'audio',
  file: 'file',
};

/** Reads off a request what its model must be able to do. */
export function needsOf({ body }: Pick<ChatRequest, 'body'>): RequestNeeds {
  const inputs = new Set<InputKind>();
  for (const { content } of body.messages) {
    for (const part of Array.isArray(content) ? content : []) {
      const kind = isJsonObject(part) ? INPUT_KINDS[String(part.type)] : undefined;
      if (kind) inputs.add(kind);
    }
  }
  return {
    inputs,
    tools: Array.isArray(body.tools) && body.tools.length > 0,
    jsonSchema: isJsonObject(body.response_format) && body.response_format.type === 'json_schema',
    inputTokens: estimateInputTokens(body),
  };
}

/** What the model lacks for these needs; undefined when it lacks nothing. */
export function lackOf(model: Model, needs: RequestNeeds): 'input' | 'tools' | 'json_schema' | 'context' | undefined {
  const { inputs, tools, jsonSchema } = abilitiesOf(model);
  if ([...needs.inputs].some((kind) => !inputs.includes(kind))) return 'input';
  if (needs.tools && !tools) return 'tools';
  if (needs.jsonSchema && !jsonSchema) return 'json_schema';
  return needs.inputTokens > model.contextWindowTokens ? 'context' : undefined;
}
