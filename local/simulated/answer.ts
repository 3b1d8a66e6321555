import { createHash } from 'node:crypto';
import { estimateInputTokens } from '../../lambda/core/estimate-tokens.ts';
import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';
import { instanceOf } from './json-instance.ts';

/** What the simulated model says to one request. The same request always gets the same words. */
export interface SimulatedAnswer {
  id: string;
  model: string;
  /** The text in the pieces it is streamed in; each counts as one token. */
  pieces: string[];
  toolCall: { id: string; name: string } | undefined;
  finishReason: 'stop' | 'length' | 'tool_calls';
  choices: number;
  inputTokens: number;
  /** Of all choices together. */
  outputTokens: number;
}

/** Longest part of a prompt that the answer repeats. */
const QUOTED_CHARACTERS = 600;

/** Answers as OpenAI would: a tool call where tools are offered, JSON where a format is asked for, otherwise text. */
export function simulateAnswer(body: JsonObject): SimulatedAnswer {
  const messages = Array.isArray(body.messages) ? body.messages.filter(isJsonObject) : [];
  const model = typeof body.model === 'string' ? body.model : 'simulated';
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const tool = chosenTool(body, messages);
  const text = tool ? JSON.stringify(instanceOf(tool.parameters) ?? {}) : textFor(body, model, lastText(messages));
  const limit = Number(body.max_completion_tokens ?? body.max_tokens ?? Number.POSITIVE_INFINITY);
  const whole = text.match(/\s*\S{1,12}/g) ?? [text];
  const pieces = whole.slice(0, limit);
  const choices = Number(body.n ?? 1);
  return {
    id: `chatcmpl-simulated-${digest.slice(0, 24)}`,
    model,
    pieces,
    toolCall: tool ? { id: `call_${digest.slice(0, 24)}`, name: tool.name } : undefined,
    finishReason: pieces.length < whole.length ? 'length' : tool ? 'tool_calls' : 'stop',
    choices,
    inputTokens: estimateInputTokens({ ...body, messages }),
    outputTokens: pieces.length * choices,
  };
}

/** The text of the last message, where it also looks for instructions to fail. */
export function lastText(messages: JsonObject[]): string {
  const content = messages.at(-1)?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : '')).join(' ');
}

function textFor(body: JsonObject, model: string, prompt: string): string {
  const format = isJsonObject(body.response_format) ? body.response_format : {};
  if (format.type === 'json_schema' && isJsonObject(format.json_schema)) {
    return JSON.stringify(instanceOf(format.json_schema.schema));
  }
  if (format.type === 'json_object') return JSON.stringify({ answer: prompt.slice(0, QUOTED_CHARACTERS) });
  return `This is a simulated answer by ${model}; no provider was called. You said: ${prompt.slice(0, QUOTED_CHARACTERS)}`;
}

/** The tool to call: the one the caller insists on, or the first, unless the last message already is a tool's result. */
function chosenTool(body: JsonObject, messages: JsonObject[]): { name: string; parameters: unknown } | undefined {
  if (!Array.isArray(body.tools) || body.tool_choice === 'none' || messages.at(-1)?.role === 'tool') return undefined;
  const functions = body.tools.map((tool) => (isJsonObject(tool) ? tool.function : undefined)).filter(isJsonObject);
  const insisted =
    isJsonObject(body.tool_choice) && isJsonObject(body.tool_choice.function)
      ? body.tool_choice.function.name
      : undefined;
  const tool = functions.find(({ name }) => name === insisted) ?? functions[0];
  return typeof tool?.name === 'string' ? { name: tool.name, parameters: tool.parameters } : undefined;
}
