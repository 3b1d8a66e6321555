import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import type { StreamChunk, WireEvent } from '../provider-wire.ts';
import { finishReasonOf, refusalText } from './ending.ts';
import { openAiErrorOf } from './refusal.ts';
import { entryOf, type Place } from './thinking-blocks.ts';
import { openAiUsageOf, serviceTierOf } from './usage.ts';

/** A content block that has begun. */
interface OpenBlock {
  /** The block so far: as it began, with the thinking and signature that came since. */
  block: JsonObject;
  place: Place;
  /** Its number among the tool calls. */
  toolIndex: number;
  /** Some of its arguments were given out. */
  hasArguments: boolean;
}

/** A message as far as it has come. */
interface MessageSoFar {
  /** The fields that all its chunks share. Undefined before `message_start`: nothing belongs to a message until then. */
  identity: JsonObject | undefined;
  usage: JsonObject;
  open: Map<unknown, OpenBlock>;
  /** What came before, from which a block's place follows. */
  place: Place;
  hasEnded: boolean;
}

const NOTHING: WireEvent = { chunks: [], isLast: false };

/**
 * Reads one stream of Anthropic's, event by event, into OpenAI's chunks (Anthropic's page "Streaming messages"). Thinking
 * arrives as `reasoning_content`; each block of it, once whole, as one entry of `thinking_blocks`. Events of unknown types
 * say nothing, as Anthropic asks of readers. Throws a SyntaxError for data that is not JSON.
 */
export function messageReader(createdSeconds: number): (data: string) => WireEvent {
  const message: MessageSoFar = {
    identity: undefined,
    usage: {},
    open: new Map(),
    place: { characters: 0, toolCalls: 0 },
    hasEnded: false,
  };
  return (data) => {
    if (data === '') return NOTHING;
    const event: unknown = JSON.parse(data);
    if (!isJsonObject(event)) return NOTHING;
    if (event.type === 'error' || isJsonObject(event.error)) return errorEvent(event);
    if (event.type === 'message_start') begin(message, event, createdSeconds);
    if (message.identity === undefined) return NOTHING;
    return { chunks: chunksOf(message, event), isLast: event.type === 'message_stop' };
  };
}

/** An error in whatever words ends the stream. */
function errorEvent(event: JsonObject): WireEvent {
  const said = openAiErrorOf(event);
  return {
    chunks: [asChunk(isJsonObject(said) && isJsonObject(said.error) ? said : { error: 'unknown' })],
    isLast: true,
  };
}

function begin(message: MessageSoFar, event: JsonObject, createdSeconds: number): void {
  if (!isJsonObject(event.message)) return;
  const { id, model, usage } = event.message;
  message.identity = { id, object: 'chat.completion.chunk', created: createdSeconds, model };
  if (isJsonObject(usage)) message.usage = usage;
}

function chunksOf(message: MessageSoFar, event: JsonObject): StreamChunk[] {
  switch (event.type) {
    case 'message_start':
      return [deltaChunk(message, { role: 'assistant', content: '' })];
    case 'content_block_start':
      return isJsonObject(event.content_block) ? startBlock(message, event.index, event.content_block) : [];
    case 'content_block_delta':
      return isJsonObject(event.delta) ? continueBlock(message, event.index, event.delta) : [];
    case 'content_block_stop':
      return stopBlock(message, event.index);
    case 'message_delta':
      return endMessage(message, event);
    default:
      return [];
  }
}

function startBlock(message: MessageSoFar, index: unknown, block: JsonObject): StreamChunk[] {
  const toolIndex = message.place.toolCalls;
  message.open.set(index, { block: { ...block }, place: { ...message.place }, toolIndex, hasArguments: false });
  if (block.type === 'text') return written(message, 'content', block.text);
  if (block.type === 'thinking') return written(message, 'reasoning_content', block.thinking);
  if (block.type !== 'tool_use') return [];
  message.place.toolCalls += 1;
  const { id, name } = block;
  const call = { index: toolIndex, id, type: 'function', function: { name, arguments: '' } };
  return [deltaChunk(message, { tool_calls: [call] })];
}

function continueBlock(message: MessageSoFar, index: unknown, delta: JsonObject): StreamChunk[] {
  const open = message.open.get(index);
  if (!open) return [];
  const { block } = open;
  switch (delta.type) {
    case 'text_delta':
      return written(message, 'content', delta.text);
    case 'thinking_delta':
      block.thinking = `${block.thinking ?? ''}${delta.thinking ?? ''}`;
      return written(message, 'reasoning_content', delta.thinking);
    case 'signature_delta':
      block.signature = `${block.signature ?? ''}${delta.signature ?? ''}`;
      return [];
    case 'input_json_delta':
      return block.type === 'tool_use' ? moreArguments(message, open, delta.partial_json) : [];
    default:
      return [];
  }
}

function written(message: MessageSoFar, field: 'content' | 'reasoning_content', text: unknown): StreamChunk[] {
  if (typeof text !== 'string' || text === '') return [];
  if (field === 'content') message.place.characters += text.length;
  return [deltaChunk(message, { [field]: text })];
}

function moreArguments(message: MessageSoFar, open: OpenBlock, text: unknown): StreamChunk[] {
  if (typeof text !== 'string' || text === '') return [];
  open.hasArguments = true;
  return [deltaChunk(message, { tool_calls: [{ index: open.toolIndex, function: { arguments: text } }] })];
}

/** A call without arguments says so, and thinking is whole now. */
function stopBlock(message: MessageSoFar, index: unknown): StreamChunk[] {
  const open = message.open.get(index);
  if (!open) return [];
  message.open.delete(index);
  const { block, place, hasArguments } = open;
  if (block.type === 'tool_use') {
    return hasArguments ? [] : moreArguments(message, open, JSON.stringify(block.input ?? {}));
  }
  const entry = entryOf(block, place);
  return entry ? [deltaChunk(message, { thinking_blocks: [entry] })] : [];
}

/** The ending and, once there is one, the usage: both are cumulative, and some servers say the input only at the start. */
function endMessage(message: MessageSoFar, { delta, usage }: JsonObject): StreamChunk[] {
  const said = isJsonObject(usage) ? Object.entries(usage).filter(([, value]) => value !== null) : [];
  message.usage = { ...message.usage, ...Object.fromEntries(said) };
  const chunks: StreamChunk[] = [];
  const ending = isJsonObject(delta) ? finishReasonOf(delta.stop_reason) : null;
  if (isJsonObject(delta) && ending !== null) {
    message.hasEnded = true;
    const refusal = refusalText(delta);
    chunks.push(deltaChunk(message, refusal === undefined ? {} : { refusal }, ending));
  }
  const total = openAiUsageOf(message.usage);
  if (message.hasEnded && total)
    chunks.push(asChunk({ ...message.identity, ...serviceTierOf(message.usage), choices: [], usage: total }));
  return chunks;
}

function deltaChunk({ identity }: MessageSoFar, delta: JsonObject, finishReason: string | null = null): StreamChunk {
  return asChunk({ ...identity, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });
}

function asChunk(parsed: JsonObject): StreamChunk {
  return { text: JSON.stringify(parsed), parsed };
}
