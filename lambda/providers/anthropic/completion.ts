import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import { finishReasonOf, refusalText } from './ending.ts';
import { entryOf } from './thinking-blocks.ts';
import { openAiUsageOf, serviceTierOf } from './usage.ts';

/**
 * A `message` of Anthropic's as an OpenAI chat completion (Anthropic API reference, Messages). Thinking becomes
 * `reasoning_content` to read and `thinking_blocks` to send back. Blocks that OpenAI has no place for are left out.
 * Anything that is no message comes back as it is: whoever judges answers refuses it.
 */
export function completionOf(body: unknown, createdSeconds: number): unknown {
  if (!isJsonObject(body) || body.type !== 'message' || !Array.isArray(body.content)) return body;
  const usage = openAiUsageOf(body.usage);
  return {
    id: body.id,
    object: 'chat.completion',
    created: createdSeconds,
    model: body.model,
    choices: [
      {
        index: 0,
        message: { ...messageOf(body.content.filter(isJsonObject)), refusal: refusalText(body) ?? null },
        logprobs: null,
        finish_reason: finishReasonOf(body.stop_reason),
      },
    ],
    ...serviceTierOf(body.usage),
    ...(usage ? { usage } : {}),
  };
}

function messageOf(blocks: readonly JsonObject[]): JsonObject {
  let text = '';
  let reasoning = '';
  const toolCalls: JsonObject[] = [];
  const thinkingBlocks: JsonObject[] = [];
  for (const block of blocks) {
    if (block.type === 'text' && typeof block.text === 'string') text += block.text;
    if (block.type === 'thinking' && typeof block.thinking === 'string') reasoning += block.thinking;
    if (block.type === 'tool_use') toolCalls.push(toolCallOf(block));
    const entry = entryOf(block, { characters: text.length, toolCalls: toolCalls.length });
    if (entry) thinkingBlocks.push(entry);
  }
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(thinkingBlocks.length > 0 ? { thinking_blocks: thinkingBlocks } : {}),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
}

function toolCallOf({ id, name, input }: JsonObject): JsonObject {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}
