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
export const TEXT_FIELDS = ['content', 'refusal', 'reasoning_content', 'reasoning'] as const;

/** Longer than any ending there is. */
const MAXIMUM_ENDING_LENGTH = 64;

/** Endings with which a choice may be empty: the model was stopped before, or while thinking. */
const ENDINGS_WITHOUT_CONTENT = new Set(['length', 'content_filter']);

/**
 * What an OpenAI-shaped completion holds, or why it is no answer. The rules are the same for every provider. With
 * `mayBeEmpty` a stop sequence may have ended it before its first word.
 */
export function judgeCompletion(body: unknown, mayBeEmpty = false): CompletionFacts | { flaw: string } {
  if (!isJsonObject(body)) return { flaw: 'it is no JSON object' };
  if (hasError(body)) return { flaw: 'it holds an error' };
  if (!Array.isArray(body.choices) || body.choices.length === 0) return { flaw: 'it has no choices' };
  let outputCharacters = 0;
  for (const choice of body.choices) {
    if (!isJsonObject(choice) || !isJsonObject(choice.message)) return { flaw: 'a choice has no message' };
    if (hasError(choice)) return { flaw: 'a choice holds an error' };
    const ending = endingOf(choice);
    if (ending === undefined) return { flaw: 'a choice has no finish reason, so it may be cut' };
    const characters = writtenCharacters(choice.message);
    const flaw = flawOfEnding(ending, characters, mayBeEmpty);
    if (flaw !== undefined) return { flaw };
    outputCharacters += characters;
  }
  const [first] = body.choices as [{ message: JsonObject; finish_reason: string }];
  return {
    content: textOf(first.message),
    finishReason: first.finish_reason.slice(0, MAXIMUM_ENDING_LENGTH),
    outputCharacters,
  };
}

/** True when an answer, a chunk or a choice carries an error in any form. */
export function hasError({ error }: JsonObject): boolean {
  return error !== undefined && error !== null && error !== '';
}

/** How a choice ended; undefined while it has not. Some servers send an empty string until then. */
export function endingOf({ finish_reason: reason }: JsonObject): string | undefined {
  return typeof reason === 'string' && reason !== '' ? reason.slice(0, MAXIMUM_ENDING_LENGTH) : undefined;
}

/** Why a choice that ended like this, having written so much, is no answer. */
export function flawOfEnding(ending: string, characters: number, mayBeEmpty: boolean): string | undefined {
  if (ending === 'error') return 'a choice ended with an error';
  if (mayBeEmpty && ending === 'stop') return undefined;
  return characters === 0 && !ENDINGS_WITHOUT_CONTENT.has(ending) ? 'a choice is empty' : undefined;
}

/** A message's or delta's words: its text, the texts of its parts, or else its refusal. */
export function textOf({ content, refusal }: JsonObject): string {
  if (typeof content === 'string' && content !== '') return content;
  const parts = Array.isArray(content) ? content : [];
  const text = parts.map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
  return text === '' && typeof refusal === 'string' ? refusal : text;
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
