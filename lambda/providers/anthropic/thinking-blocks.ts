import { isJsonObject, type JsonObject } from '../../core/json-body.ts';

/** How much of an answer stands before a block: what is needed to put the block back in its place. */
export interface Place {
  characters: number;
  toolCalls: number;
}

/** A thinking block of a caller's message, with its place in the answer it came from. */
export interface PlacedThinking {
  block: JsonObject;
  place: Place;
}

/**
 * A block of Anthropic's answer as an entry of our `thinking_blocks`, or undefined when it is no thinking. OpenAI's format
 * has no such field; its entries are Anthropic's blocks with their signatures, to be sent back as they are. Where text or
 * tool calls stand before a block, `text_before` and `tool_calls_before` say how much.
 */
export function entryOf(block: JsonObject, { characters, toolCalls }: Place): JsonObject | undefined {
  const thinking = bareBlock(block);
  return (
    thinking && {
      ...thinking,
      ...(characters > 0 ? { text_before: characters } : {}),
      ...(toolCalls > 0 ? { tool_calls_before: toolCalls } : {}),
    }
  );
}

/** The thinking blocks that an assistant's message brings back. Entries that are none are left out. */
export function thinkingIn({ thinking_blocks: entries }: JsonObject): PlacedThinking[] {
  if (!Array.isArray(entries)) return [];
  return entries.filter(isJsonObject).flatMap((entry) => {
    const block = bareBlock(entry);
    const place = { characters: countOf(entry.text_before), toolCalls: countOf(entry.tool_calls_before) };
    return block ? [{ block, place }] : [];
  });
}

/** The block with nothing but what Anthropic signs and takes back (Anthropic API reference, Messages). */
function bareBlock({ type, thinking, signature, data }: JsonObject): JsonObject | undefined {
  if (type === 'thinking' && typeof thinking === 'string' && typeof signature === 'string') {
    return { type, thinking, signature };
  }
  return type === 'redacted_thinking' && typeof data === 'string' ? { type, data } : undefined;
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
