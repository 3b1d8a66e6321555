import { endingOf, TEXT_FIELDS, writtenCharacters } from './completion.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';

/** A completion as far as its chunks have come. A new one is {@link newAssembly}; {@link addChunk} moves it on. */
export interface Assembly {
  /** What the chunks say beside their choices. */
  fields: JsonObject;
  choices: Map<number, ChoiceSoFar>;
}

interface ChoiceSoFar {
  /** What it says beside its index, message and ending. */
  fields: JsonObject;
  /** The message without its tool calls. */
  message: JsonObject;
  /** Undefined until a delta has a list of them. */
  toolCalls: ToolCallSoFar[] | undefined;
  finishReason: unknown;
}

interface ToolCallSoFar {
  index: number;
  call: JsonObject;
}

/**
 * How an object is put together out of pieces: these texts are appended, these objects have a shape of their own. In all of
 * them lists are appended, and of everything else the last one counts.
 */
interface Shape {
  texts?: readonly string[];
  objects?: ReadonlyMap<string, Shape>;
}

const MESSAGE: Shape = {
  texts: TEXT_FIELDS,
  objects: new Map([
    ['function_call', { texts: ['arguments'] }],
    ['audio', { texts: ['transcript', 'data'] }],
  ]),
};
const TOOL_CALL: Shape = {
  objects: new Map([
    ['function', { texts: ['arguments'] }],
    ['custom', { texts: ['input'] }],
  ]),
};
const CHOICE: Shape = { objects: new Map([['logprobs', {}]]) };

/** An assembly of no chunks. */
export function newAssembly(): Assembly {
  return { fields: {}, choices: new Map() };
}

/** Takes one chunk of an OpenAI stream into the assembly, in place. The chunk itself stays as it is. */
export function addChunk(assembly: Assembly, chunk: JsonObject): void {
  const { choices, ...said } = chunk;
  const news = Object.entries(said).filter(
    ([field, value]) => !saysNothing(value) || !Object.hasOwn(assembly.fields, field),
  );
  assembly.fields = { ...assembly.fields, ...Object.fromEntries(news) };
  if (!Array.isArray(choices)) return;
  for (const choice of choices) if (isJsonObject(choice)) addChoice(assembly, choice);
}

/**
 * The whole completion, once all its chunks were added: undefined when there is no choice, or one that has not ended. Only
 * who asked knows how many choices there should be.
 */
export function assembled({ fields, choices }: Assembly): JsonObject | undefined {
  const inOrder = [...choices].sort(([one], [other]) => one - other);
  if (inOrder.length === 0 || inOrder.some(([, { finishReason }]) => finishReason === undefined)) return undefined;
  const { usage, ...said } = fields;
  return {
    ...said,
    object: 'chat.completion',
    choices: inOrder.map(([index, choice]) => wholeChoice(index, choice)),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** What Azure fills a chunk's fields with that holds a filter's verdict only; others leave a null. */
function saysNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 0;
}

function addChoice({ choices }: Assembly, said: JsonObject): void {
  // Some repeat the message so far beside each delta.
  const { index: number, delta, message: _repeated, finish_reason: reason, ...fields } = said;
  const index = Number.isInteger(number) ? (number as number) : 0;
  const choice = choices.get(index) ?? { fields: {}, message: {}, toolCalls: undefined, finishReason: undefined };
  choices.set(index, choice);
  choice.fields = joined(choice.fields, fields, CHOICE);
  if (isJsonObject(delta)) addDelta(choice, delta);
  if (endingOf(said) !== undefined) choice.finishReason = reason;
}

function addDelta(choice: ChoiceSoFar, delta: JsonObject): void {
  // Words after an ending mean that it was none.
  if (writtenCharacters(delta) > 0) choice.finishReason = undefined;
  const { tool_calls: calls, ...words } = delta;
  choice.message = joined(choice.message, Array.isArray(calls) ? words : delta, MESSAGE);
  if (!Array.isArray(calls)) return;
  choice.toolCalls ??= [];
  for (const call of calls) if (isJsonObject(call)) addToolCall(choice.toolCalls, call);
}

function addToolCall(calls: ToolCallSoFar[], { index: number, ...said }: JsonObject): void {
  const index = Number.isInteger(number) ? (number as number) : undefined;
  const known = index === undefined ? callWithoutIndex(calls, said) : callAt(calls, index, said);
  if (known) known.call = joined(known.call, said, TOOL_CALL);
  else calls.push({ index: index ?? (calls.at(-1)?.index ?? -1) + 1, call: joined({}, said, TOOL_CALL) });
}

/** The call that goes on here. Gemini gave every call of an answer the index 0: another id with a name is another call. */
function callAt(calls: ToolCallSoFar[], index: number, said: JsonObject): ToolCallSoFar | undefined {
  const known = calls.findLast((call) => call.index === index);
  const isAnother = known?.call.id && said.id && said.id !== known.call.id && namesFunction(said);
  return isAnother ? undefined : known;
}

/** Without an index a call is the one with its id; without an id too it is the last, unless a name begins another. */
function callWithoutIndex(calls: ToolCallSoFar[], said: JsonObject): ToolCallSoFar | undefined {
  if (said.id) return calls.find(({ call }) => call.id === said.id);
  return namesFunction(said) ? undefined : calls.at(-1);
}

function namesFunction({ function: called }: JsonObject): boolean {
  return isJsonObject(called) && typeof called.name === 'string' && called.name !== '';
}

/** Whole messages say who speaks, and say null where there are no words. */
function wholeChoice(index: number, { fields, message, toolCalls, finishReason }: ChoiceSoFar): JsonObject {
  const calls = toolCalls?.toSorted((one, other) => one.index - other.index).map(({ call }) => call);
  return {
    index,
    message: { role: 'assistant', content: null, ...message, ...(calls ? { tool_calls: calls } : {}) },
    ...fields,
    finish_reason: finishReason,
  };
}

/** An object with more of it. Entries, not assignments: a field may have any name, `__proto__` too. */
function joined(earlier: JsonObject, later: JsonObject, { texts, objects }: Shape): JsonObject {
  const fields = new Map(Object.entries(earlier));
  for (const [field, value] of Object.entries(later)) {
    const known = fields.get(field);
    const shape = objects?.get(field);
    if (shape && isJsonObject(value)) fields.set(field, joined(isJsonObject(known) ? known : {}, value, shape));
    else if (texts?.includes(field)) fields.set(field, joinedTexts(known, value));
    else fields.set(field, joinedValues(known, value));
  }
  return Object.fromEntries(fields);
}

/** A null says nothing, nor does an empty text after a text: some fill the fields of later chunks with them. */
function joinedValues(earlier: unknown, later: unknown): unknown {
  if (later === null || later === undefined) return earlier ?? later;
  if (later === '' && typeof earlier === 'string') return earlier;
  if (Array.isArray(later)) return Array.isArray(earlier) ? appended(earlier, later) : [...later];
  return isJsonObject(earlier) && isJsonObject(later) ? { ...earlier, ...later } : later;
}

/** Mistral sends thoughts as lists of parts and words as texts, in one and the same field. */
function joinedTexts(earlier: unknown, later: unknown): unknown {
  if (typeof earlier === 'string' && typeof later === 'string') return earlier + later;
  if (Array.isArray(earlier) && typeof later === 'string') return withText(earlier, later);
  if (typeof earlier === 'string' && Array.isArray(later)) return appended(withText([], earlier), later);
  return joinedValues(earlier, later);
}

function withText(parts: unknown[], text: string): unknown[] {
  if (text === '') return parts;
  const last = parts.at(-1);
  const goesOn = isJsonObject(last) && last.type === 'text' && typeof last.text === 'string';
  if (goesOn) parts[parts.length - 1] = { ...last, text: last.text + text };
  else parts.push({ type: 'text', text });
  return parts;
}

/** In place: a list of an assembly is never a chunk's. Lists may be longer than a call's arguments can be. */
function appended(list: unknown[], more: readonly unknown[]): unknown[] {
  for (const value of more) list.push(value);
  return list;
}
