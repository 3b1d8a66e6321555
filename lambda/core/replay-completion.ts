import { TEXT_FIELDS } from './completion.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';

/** What every chunk of a stream says. */
const SHARED_FIELDS = ['id', 'object', 'created', 'model', 'system_fingerprint', 'service_tier'] as const;

/** What a model wrote, in the order in which it is replayed; tool calls follow. */
const WRITTEN_FIELDS = ['reasoning_content', 'reasoning', 'content', 'refusal', 'function_call', 'audio'] as const;

/** A text is cut into no more pieces than this, and into none that are shorter than so many characters. */
const MOST_PIECES = 200;
const SHORTEST_PIECE = 16;

/**
 * The chunks of an OpenAI stream that says what a whole chat completion says, one choice after the other, with the usage in a
 * last chunk when there is one. Assembled again they are the completion.
 */
export function* chunksOf(completion: JsonObject): Generator<JsonObject> {
  const { choices, usage, ...said } = { ...completion, object: 'chat.completion.chunk' } as JsonObject;
  const shared = Object.fromEntries(
    SHARED_FIELDS.filter((field) => field in said).map((field) => [field, said[field]]),
  );
  // What else is said beside the choices is said once.
  let base: JsonObject = isJsonObject(usage) || usage === undefined ? said : { ...said, usage };
  for (const choice of choiceChunks(Array.isArray(choices) ? choices.filter(isJsonObject) : [])) {
    yield { ...base, choices: [choice] };
    base = shared;
  }
  if (isJsonObject(usage)) yield { ...base, choices: [], usage };
}

function* choiceChunks(choices: readonly JsonObject[]): Generator<JsonObject> {
  const indexes = choices.map(({ index }, position) => (Number.isInteger(index) ? index : position));
  const areDistinct = new Set(indexes).size === indexes.length;
  for (const [position, choice] of choices.entries()) {
    yield* chunksOfChoice(areDistinct ? indexes[position] : position, choice);
  }
}

/** The first delta, then what the model wrote, then the ending with all that is said of the choice. */
function* chunksOfChoice(index: unknown, choice: JsonObject): Generator<JsonObject> {
  const { index: _index, message, delta: _delta, logprobs, finish_reason: ending, ...said } = choice;
  const deltas = isJsonObject(message) ? [...deltasOf(message)] : [{}];
  const spoken = Math.max(0, deltas.findIndex(speaks));
  const hasLogprobs = logprobs !== undefined;
  for (const [position, delta] of deltas.entries()) {
    const probabilities = hasLogprobs ? { logprobs: position === spoken ? logprobs : null } : {};
    yield { index, delta, ...probabilities, finish_reason: null };
  }
  yield { index, delta: {}, ...(hasLogprobs ? { logprobs: null } : {}), ...said, finish_reason: ending ?? null };
}

/** Log probabilities are of the words to the caller: they come with the first of them, or else with the first delta. */
function speaks({ content, refusal }: JsonObject): boolean {
  return [content, refusal].some((words) => words !== undefined && words !== null && words !== '');
}

function* deltasOf(message: JsonObject): Generator<JsonObject> {
  const { tool_calls: toolCalls, ...said } = message;
  const calls = Array.isArray(toolCalls) ? toolCalls : [];
  const written = WRITTEN_FIELDS.filter((field) => !isEmpty(message[field]));
  const opening = Object.entries(said).filter(([field]) => !written.some((name) => name === field));
  yield {
    ...Object.fromEntries(opening),
    // OpenAI's first delta opens the text.
    ...(typeof message.content === 'string' ? { content: '' } : {}),
    ...('tool_calls' in message && calls.length === 0 ? { tool_calls: toolCalls } : {}),
  };
  for (const field of written) {
    for (const value of valuesOf(field, message[field])) yield { [field]: value };
  }
  for (const [index, call] of calls.entries()) {
    if (isJsonObject(call)) yield* deltasOfCall(index, call);
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** A text in its pieces; everything else in one. */
function valuesOf(field: string, value: unknown): unknown[] {
  return typeof value === 'string' && TEXT_FIELDS.some((name) => name === field) ? piecesOf(value) : [value];
}

/** A call with nothing in its arguments, then the arguments. Calls of other kinds come whole. */
function* deltasOfCall(index: number, call: JsonObject): Generator<JsonObject> {
  const called = call.function;
  if (!isJsonObject(called) || typeof called.arguments !== 'string') {
    yield { tool_calls: [{ ...call, index }] };
    return;
  }
  yield { tool_calls: [{ ...call, index, function: { ...called, arguments: '' } }] };
  for (const piece of piecesOf(called.arguments)) {
    yield { tool_calls: [{ index, function: { arguments: piece } }] };
  }
}

/** A text cut before spaces, which never parts a character from its other half. Together the pieces are the text. */
function piecesOf(text: string): string[] {
  const length = Math.max(SHORTEST_PIECE, Math.ceil(text.length / MOST_PIECES));
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const space = text.indexOf(' ', start + length);
    const end = space === -1 ? text.length : space;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}
