import { describe, expect, it } from 'vitest';
import { judgeCompletion } from '../../../lambda/core/completion.ts';
import type { JsonObject } from '../../../lambda/core/json-body.ts';
import { failureFromAnswer } from '../../../lambda/core/provider-failure.ts';
import { readOpenAiUsage, totalInputTokens, totalOutputTokens } from '../../../lambda/core/usage.ts';
import { anthropicWire } from '../../../lambda/providers/anthropic/wire.ts';
import { translate } from './translate.ts';

const usage = { input_tokens: 10, cache_creation_input_tokens: 300, cache_read_input_tokens: 2_000, output_tokens: 50 };

/** A message of Anthropic's with this content. */
const message = (content: JsonObject[], more: JsonObject = {}) => ({
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'claude-test',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: an assertion checks every part that a test reads
const completionOf = (body: unknown): any => {
  const answer = anthropicWire.completion(body, JSON.stringify(body));
  expect(JSON.parse(answer.text)).toEqual(answer.body);
  return answer.body;
};

const words = { type: 'text', text: 'Hello.' };

describe("Anthropic's message as a completion", () => {
  it('says the same', () => {
    const completion = completionOf(message([words]));
    expect(completion).toEqual({
      id: 'msg_01',
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'claude-test',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 2_310,
        completion_tokens: 50,
        total_tokens: 2_360,
        prompt_tokens_details: { cached_tokens: 2_000, cache_write_tokens: 300 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    expect(judgeCompletion(completion)).toMatchObject({ content: 'Hello.', finishReason: 'stop' });
  });

  it('gives thinking to read and to send back, and calls of tools', () => {
    const blocks = [
      { type: 'thinking', thinking: 'Hm.', signature: 's1' },
      { type: 'text', text: 'First. ' },
      { type: 'redacted_thinking', data: 'd1' },
      { type: 'text', text: 'Second.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
      { type: 'thinking', thinking: ' And?', signature: 's2' },
      { type: 'tool_use', id: 'toolu_2', name: 'time', input: {} },
    ];
    const [choice] = completionOf(message(blocks, { stop_reason: 'tool_use' })).choices;
    expect(choice).toEqual({
      index: 0,
      message: {
        role: 'assistant',
        content: 'First. Second.',
        refusal: null,
        reasoning_content: 'Hm. And?',
        thinking_blocks: [
          { type: 'thinking', thinking: 'Hm.', signature: 's1' },
          { type: 'redacted_thinking', data: 'd1', text_before: 7 },
          { type: 'thinking', thinking: ' And?', signature: 's2', text_before: 14, tool_calls_before: 1 },
        ],
        tool_calls: [
          { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
          { id: 'toolu_2', type: 'function', function: { name: 'time', arguments: '{}' } },
        ],
      },
      logprobs: null,
      finish_reason: 'tool_calls',
    });
    // Sent back, it is the message Anthropic gave.
    const results = ['toolu_1', 'toolu_2'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'x' }));
    const { messages } = translate({ messages: [{ role: 'user', content: 'hi' }, choice.message, ...results] });
    expect((messages as { content: unknown }[])[1]?.content).toEqual(blocks);
  });

  it('has citations and blocks of other kinds in it without harm', () => {
    const blocks = [
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
      { ...words, citations: [{ type: 'char_location', cited_text: 'x' }] },
      { type: 'novelty', text: 7 },
    ];
    expect(completionOf(message(blocks)).choices[0].message.content).toBe('Hello.');
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['pause_turn', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['novelty', 'novelty'],
    ['constructor', 'constructor'],
    [null, null],
  ])('ended by %s has the finish reason %s', (stop_reason, expected) => {
    const completion = completionOf(message([words], { stop_reason }));
    expect(completion.choices[0].finish_reason).toBe(expected);
    expect('flaw' in judgeCompletion(completion)).toBe(expected === null);
  });

  it('says why it refuses', () => {
    const stop_details = { type: 'refusal', category: 'bio', explanation: 'Not this.' };
    const [choice] = completionOf(message([], { stop_reason: 'refusal', stop_details })).choices;
    expect(choice).toMatchObject({
      message: { content: null, refusal: 'Not this.' },
      finish_reason: 'content_filter',
    });
  });

  it.each<[string, unknown]>([
    ['an error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    ['an empty answer', message([])],
    ['an answer without content', { ...message([]), content: 'Hello.' }],
    ['something else', { type: 'completion', completion: 'Hello.' }],
    ['an OpenAI error', { error: 'no' }],
    ['a list', [message([words])]],
    ['nothing', null],
  ])('is no answer when it is %s', (_name, body) => {
    expect(judgeCompletion(completionOf(body))).toHaveProperty('flaw');
  });
});

describe("Anthropic's usage", () => {
  it('adds up, with cache and thinking apart', () => {
    const details = { output_tokens_details: { thinking_tokens: 20 } };
    const read = readOpenAiUsage(completionOf(message([words], { usage: { ...usage, ...details } })).usage);
    expect(read).toMatchObject({
      uncachedInputTokens: 10,
      cacheReadTokens: 2_000,
      cacheWriteTokens: 300,
      textOutputTokens: 30,
      reasoningTokens: 20,
      estimated: false,
    });
    expect(read && [totalInputTokens(read), totalOutputTokens(read)]).toEqual([2_310, 50]);
  });

  it.each([
    undefined,
    null,
    {},
    { input_tokens: 5 },
    { input_tokens: -5, output_tokens: 1e308 },
    { ...usage, cache_read_input_tokens: 0.5 },
  ])('is none when it cannot be: %j', (bad) => {
    expect(completionOf(message([words], { usage: bad }))).not.toHaveProperty('usage');
  });

  it('may leave the cache out', () => {
    const plain = { input_tokens: 5, output_tokens: 6, cache_read_input_tokens: null };
    expect(completionOf(message([words], { usage: plain })).usage).toMatchObject({
      prompt_tokens: 5,
      total_tokens: 11,
    });
  });
});

describe("Anthropic's refusal", () => {
  it.each<[number, string, string, unknown, string]>([
    [
      400,
      'invalid_request_error',
      'prompt is too long: 210000 tokens > 200000 maximum',
      'context_length_exceeded',
      'model',
    ],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 1 + 2 > 3',
      'context_length_exceeded',
      'model',
    ],
    [
      400,
      'invalid_request_error',
      '"thinking.type.disabled" is not supported for this model.',
      'unsupported_parameter',
      'model',
    ],
    [400, 'invalid_request_error', '`temperature` is deprecated for this model.', 'unsupported_parameter', 'model'],
    [
      400,
      'invalid_request_error',
      'This model does not support assistant message prefill.',
      'unsupported_parameter',
      'model',
    ],
    [400, 'invalid_request_error', 'Your credit balance is too low to access the API.', 'insufficient_quota', 'key'],
    [400, 'invalid_request_error', 'messages.0.content: field required', 'invalid_request_error', 'caller'],
    [401, 'authentication_error', 'invalid x-api-key', 'authentication_error', 'key'],
    [403, 'permission_error', 'no', 'permission_error', 'key'],
    [404, 'not_found_error', 'model: claude-none', 'model_not_found', 'model'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'request_too_large', 'caller'],
    [429, 'rate_limit_error', 'slow down', 'rate_limit_error', 'transient'],
    [529, 'overloaded_error', 'Overloaded', 'overloaded_error', 'transient'],
  ])('with %i %s "%s" has the code %s', (status, type, said, code, failureClass) => {
    const body = anthropicWire.refusal({ type: 'error', error: { type, message: said }, request_id: 'req_1' });
    expect(body).toEqual({ error: { message: said, type, code, param: null } });
    expect(failureFromAnswer({ status, body, retryAfterSeconds: undefined, secrets: [] })).toMatchObject({
      failureClass,
    });
  });

  it('in other words passes as it is', () => {
    for (const body of ['<html>', null, { message: 'no' }]) expect(anthropicWire.refusal(body)).toEqual(body);
  });
});
