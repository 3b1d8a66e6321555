import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import { blocksOf } from './content.ts';
import { thinkingIn } from './thinking-blocks.ts';

/**
 * An assistant's message as Anthropic's blocks: thinking where it stood when Anthropic gave it, text, tool calls. Without
 * `keepsThinking` the thinking is left out. Throws a failure of class `model` for parts Anthropic has no block for.
 */
export function assistantBlocks(message: JsonObject, field: string, keepsThinking: boolean): JsonObject[] {
  const texts = [...blocksOf(message.content, field), ...blocksOf(message.refusal, field)];
  const calls = toolUseBlocks(message.tool_calls);
  const blocks: JsonObject[] = [];
  let characters = 0;
  let toolCalls = 0;
  for (const { block, place } of keepsThinking ? thinkingIn(message) : []) {
    const before = takeText(texts, place.characters - characters);
    const callsBefore = calls.splice(0, Math.max(0, place.toolCalls - toolCalls));
    blocks.push(...before, ...callsBefore, block);
    characters = Math.max(characters, place.characters);
    toolCalls += callsBefore.length;
  }
  return [...blocks, ...texts, ...calls].filter(isNotBlank);
}

/** Takes so many characters off the front of the texts. */
function takeText(texts: JsonObject[], characters: number): JsonObject[] {
  const taken: JsonObject[] = [];
  let left = characters;
  while (left > 0) {
    const block = texts.shift();
    if (typeof block?.text !== 'string') break;
    const { text } = block;
    taken.push(text.length > left ? { type: 'text', text: text.slice(0, left) } : block);
    if (text.length > left) texts.unshift({ ...block, text: text.slice(left) });
    left -= text.length;
  }
  return taken;
}

function isNotBlank({ text }: JsonObject): boolean {
  return typeof text !== 'string' || text.trim() !== '';
}

function toolUseBlocks(toolCalls: unknown): JsonObject[] {
  if (!Array.isArray(toolCalls)) return [];
  return toolCalls.filter(isJsonObject).map(({ id, function: called, custom }) => {
    const {
      name,
      arguments: argumentsText,
      input,
    } = isJsonObject(called) ? called : isJsonObject(custom) ? custom : {};
    return {
      type: 'tool_use',
      id: toolUseId(id),
      name: typeof name === 'string' ? name : 'unknown',
      input: inputOf(argumentsText ?? input),
    };
  });
}

/** The id of a tool call as Anthropic takes it: other providers use characters that it refuses. */
export function toolUseId(id: unknown): string {
  return typeof id === 'string' && id !== '' ? id.replaceAll(/[^\w-]/g, '_') : 'unknown';
}

/** Arguments as the object Anthropic wants. What is no JSON object, as models sometimes write, is kept as `arguments`. */
function inputOf(argumentsText: unknown): JsonObject {
  if (isJsonObject(argumentsText)) return argumentsText;
  if (typeof argumentsText !== 'string' || argumentsText.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(argumentsText);
    return isJsonObject(parsed) ? parsed : { arguments: parsed };
  } catch {
    return { arguments: argumentsText };
  }
}
