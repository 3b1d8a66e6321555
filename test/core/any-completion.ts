import fc from 'fast-check';
import { addChunk, assembled, newAssembly } from '../../lambda/core/assemble-completion.ts';
import type { JsonObject } from '../../lambda/core/json-body.ts';

/** Texts of every script, long ones and empty ones too. */
export const words = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 400 }).map((some) => some.join(' ')),
  fc.constantFrom('', ' ', '\n', '😀', '👩‍👩‍👧‍👦 👩‍👩‍👧‍👦', '\ud83d', '\udc4d \ud83d'),
);

const wordsOrNull = fc.option(words);

const toolCall = fc.record({
  id: words,
  type: fc.constant('function'),
  function: fc.record({ name: words, arguments: fc.oneof(words, fc.json()) }),
});

const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text: words }),
  fc.record({ type: fc.constant('thinking'), thinking: fc.array(fc.record({ text: words }), { maxLength: 2 }) }),
);

const message: fc.Arbitrary<JsonObject> = fc.record(
  {
    role: fc.constant('assistant'),
    content: fc.oneof(wordsOrNull, fc.array(part, { maxLength: 3 })),
    refusal: wordsOrNull,
    reasoning_content: wordsOrNull,
    reasoning: wordsOrNull,
    tool_calls: fc.option(fc.array(toolCall, { maxLength: 3 })),
    function_call: fc.record({ name: words, arguments: words }),
    audio: fc.option(
      fc.record({ id: words, transcript: words, data: fc.base64String(), expires_at: fc.nat() }, { requiredKeys: [] }),
    ),
    annotations: fc.array(fc.record({ type: fc.constant('url_citation'), url_citation: fc.record({ url: words }) })),
    thinking_blocks: fc.array(fc.record({ type: fc.constant('thinking'), thinking: words, signature: words })),
    a_field_to_come: fc.jsonValue(),
  },
  { requiredKeys: ['role', 'content'] },
);

const logprobs = fc.option(
  fc.record({
    content: fc.option(fc.array(fc.record({ token: words, logprob: fc.constant(-0.5) }))),
    refusal: fc.option(fc.array(fc.record({ token: words }))),
  }),
);

const choice: fc.Arbitrary<JsonObject> = fc.record(
  {
    message,
    logprobs,
    content_filter_results: fc.constantFrom({}, { hate: { filtered: false } }),
    finish_reason: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter', 'error', 'x'.repeat(100)),
  },
  { requiredKeys: ['message', 'finish_reason'] },
);

/** Chat completions as OpenAI and those who follow it write them. */
export const anyCompletion: fc.Arbitrary<JsonObject> = fc.record(
  {
    id: words,
    object: fc.constant('chat.completion'),
    created: fc.nat(),
    model: words,
    system_fingerprint: wordsOrNull,
    service_tier: wordsOrNull,
    citations: fc.array(words, { maxLength: 2 }),
    choices: fc
      .array(choice, { minLength: 1, maxLength: 3 })
      .map((choices) => choices.map((one, index) => ({ index, ...one }))),
    usage: fc.option(
      fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.integer({ min: -1 }), total_tokens: fc.nat() }),
    ),
  },
  { requiredKeys: ['object', 'choices'] },
);

/** What these chunks say as a whole, each as it comes out of JSON. */
export function assemblyOf(chunks: Iterable<JsonObject>): JsonObject | undefined {
  const assembly = newAssembly();
  for (const chunk of chunks) addChunk(assembly, JSON.parse(JSON.stringify(chunk)));
  return assembled(assembly);
}

/** A chunk of the first choice. */
export const chunk = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});

/** A first chunk, and one that ends the choice. */
export const start = chunk({ role: 'assistant', content: null });
export const end = (reason: string) => chunk({}, { finish_reason: reason });

/** The first choice of what these chunks say. */
export function firstChoice(...chunks: JsonObject[]): JsonObject | undefined {
  return (assemblyOf(chunks)?.choices as JsonObject[] | undefined)?.[0];
}
