import { isJsonObject, type JsonObject } from './json-body.ts';

/** What a complete answer says about itself. */
export interface CompletionFacts {
  /** The first choice's text; empty when it calls tools or refuses. */
  content: string;
  finishReason: string;
  /** Characters of all choices, their tool calls and reasoning included: the base of an estimate. */
  outputCharacters: number;
}

/** Fields of a message or a stream's delta that carry something a model wrote. */
const TEXT_FIELDS = ['content', 'refusal', 'reasoning_content', 'reasoning'] as const;

/** Endings with which a choice may be empty: the model was stopped before, or while thinking. */
const ENDINGS_WITHOUT_CONTENT = new Set(['length', 'content_filter']);

/** What an OpenAI-shaped completion holds, or why it is no answer. The rules are the same for every provider. */
export function judgeCompletion(body: unknown): CompletionFacts | { flaw: string } {
  if (!isJsonObject(body)) return { flaw: 'it is no JSON object' };
  if (isJsonObject(body.error)) return { flaw: 'it holds an error' };
  if (!Array.isArray(body.choices) || body.choices.length === 0) return { flaw: 'it has no choices' };
  let outputCharacters = 0;
  for (const choice of body.choices) {
    if (!isJsonObject(choice) || !isJsonObject(choice.message)) return { flaw: 'a choice has no message' };
    if (typeof choice.finish_reason !== 'string') return { flaw: 'a choice has no finish reason, so it may be cut' };
    const characters = writtenCharacters(choice.message);
    if (characters === 0 && !ENDINGS_WITHOUT_CONTENT.has(choice.finish_reason)) return { flaw: 'a choice is empty' };
    outputCharacters += characters;
  }
  const [first] = body.choices as [{ message: JsonObject; finish_reason: string }];
  const { content } = first.message;
  return {
    content: typeof content === 'string' ? content : '',
    finishReason: first.finish_reason,
    outputCharacters,
  };
}

/** How much a message or delta says, in characters: text, refusal, reasoning, tool calls, audio. 0 means nothing yet. */
export function writtenCharacters(message: JsonObject): number {
  let characters = 0;
  for (const field of TEXT_FIELDS) {
    const value = message[field];
    if (typeof value === 'string') characters += value.length;
    else if (Array.isArray(value) && value.length > 0) characters += JSON.stringify(value).length;
  }
  if (Array.isArray(message.tool_calls)) {
    for (const call of message.tool_calls) characters += toolCallCharacters(call);
  }
  if (isJsonObject(message.function_call)) characters += JSON.stringify(message.function_call).length;
  if (isJsonObject(message.audio)) characters += JSON.stringify(message.audio).length;
  return characters;
}

/** A function's name and arguments; another kind of tool call counts by its JSON. */
function toolCallCharacters(call: unknown): number {
  if (!isJsonObject(call)) return 0;
  if (!isJsonObject(call.function)) return JSON.stringify(call).length;
  const { name, arguments: argumentsText } = call.function;
  return (typeof name === 'string' ? name.length : 0) + (typeof argumentsText === 'string' ? argumentsText.length : 0);
}
