import type { JsonObject } from '../../core/json-body.ts';
import { assistantBlocks, toolUseId } from './assistant-blocks.ts';
import { blocksOf, withCacheControl } from './content.ts';
import { cannot } from './lacking.ts';

/** A turn of Anthropic's conversation; neighbours have different roles. */
export interface Turn {
  role: 'user' | 'assistant';
  content: JsonObject[];
}

export interface Conversation {
  system: JsonObject[];
  turns: Turn[];
}

const INSTRUCTING = new Set<unknown>(['system', 'developer']);

/** Anthropic's conversations begin with the user; where the caller's do not, this stands in. */
const OPENING: JsonObject = { type: 'text', text: '(start)' };

/**
 * OpenAI's messages as Anthropic's system prompt and turns (Anthropic API reference, Messages). Instructions before the
 * first other message are the system prompt; later ones keep their place, as text of the user's marked `<system>`.
 * Messages of one role in a row are one turn, in which tool results come first. Throws a failure of class `model` for
 * parts Anthropic has no block for, and when nothing is said at all.
 */
export function conversationOf(messages: readonly JsonObject[], keepsThinking: boolean): Conversation {
  const named = withToolCalls(messages);
  const firstOther = named.findIndex(({ role }) => !INSTRUCTING.has(role));
  const leading = firstOther === -1 ? named.length : firstOther;
  const system = named.slice(0, leading).flatMap((message, index) => messageBlocks(message, index, keepsThinking));
  const turns: Turn[] = [];
  for (const [index, message] of named.entries()) {
    if (index < leading) continue;
    const content = messageBlocks(message, index, keepsThinking);
    addTurn(turns, {
      role: message.role === 'assistant' ? 'assistant' : 'user',
      content: content.map(marked(message)),
    });
  }
  if (turns.length === 0) return { system: [], turns: [{ role: 'user', content: someOf(system) }] };
  if (turns[0]?.role === 'assistant') turns.unshift({ role: 'user', content: [OPENING] });
  return { system, turns: trimEnd(turns.map(resultsFirst)) };
}

function messageBlocks(message: JsonObject, index: number, keepsThinking: boolean): JsonObject[] {
  const field = `messages[${index}].content`;
  if (message.role === 'tool') return [toolResult(message, field)];
  const blocks =
    message.role === 'assistant' ? assistantBlocks(message, field, keepsThinking) : blocksOf(message.content, field);
  const last = blocks.pop();
  return last ? [...blocks, withCacheControl(last, message.cache_control)] : [];
}

function toolResult(message: JsonObject, field: string): JsonObject {
  const content = blocksOf(message.content, field);
  const result = { type: 'tool_result', tool_use_id: toolUseId(message.tool_call_id) };
  return withCacheControl(content.length > 0 ? { ...result, content } : result, message.cache_control);
}

/** Marks the words of an instruction that stands among the user's. */
function marked({ role }: JsonObject): (block: JsonObject) => JsonObject {
  return (block) =>
    INSTRUCTING.has(role) && typeof block.text === 'string'
      ? { ...block, text: `<system>\n${block.text}\n</system>` }
      : block;
}

function addTurn(turns: Turn[], turn: Turn): void {
  if (turn.content.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === turn.role) last.content.push(...turn.content);
  else turns.push(turn);
}

/** All results of parallel calls stand before anything else the user says, as the API demands. */
function resultsFirst({ role, content }: Turn): Turn {
  const isResult = ({ type }: JsonObject) => type === 'tool_result';
  return { role, content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))] };
}

/** The beginning of an answer may not end in white space. */
function trimEnd(turns: Turn[]): Turn[] {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || typeof block?.text !== 'string') return turns;
  return [
    ...turns.slice(0, -1),
    { role: last.role, content: [...last.content.slice(0, -1), { ...block, text: block.text.trimEnd() }] },
  ];
}

/** Instructions alone are the question. */
function someOf(system: JsonObject[]): JsonObject[] {
  if (system.length > 0) return system;
  throw cannot('messages', 'This model needs a message with text, an image or a file.');
}

/** OpenAI's first way of calling functions, `function_call` and the role `function`, as tool calls and results. */
function withToolCalls(messages: readonly JsonObject[]): JsonObject[] {
  let id = 'function_call';
  return messages.map((message, index) => {
    if (message.role === 'function') return { ...message, role: 'tool', tool_call_id: id };
    const { function_call: call, ...rest } = message;
    if (call === undefined || call === null) return message;
    id = `function_call_${index}`;
    return { ...rest, tool_calls: [{ id, type: 'function', function: call }] };
  });
}
