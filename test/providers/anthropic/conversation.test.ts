import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../lambda/core/json-body.ts';
import { ProviderFailure } from '../../../lambda/core/provider-failure.ts';
import { BUDGETED, call, hi, hiTurn, text, translate, turnsOf, withFields } from './translate.ts';

describe('a conversation for Anthropic', () => {
  it('is a model, a limit and turns, and nothing that was not asked for', () => {
    expect(withFields({})).toEqual({ model: 'claude-test', max_tokens: 4_096, messages: [hiTurn] });
    expect(withFields({}, { stream: true }).stream).toBe(true);
  });

  it('has leading instructions as its system prompt and later ones in their place', () => {
    const body = translate({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }] },
        hi,
        { role: 'assistant', content: 'hello' },
        { role: 'system', content: 'Be loud.' },
        { role: 'user', content: 'again' },
      ],
    });
    expect(body.system).toEqual([text('Be brief.'), { ...text('Be kind.'), cache_control: { type: 'ephemeral' } }]);
    expect(body.messages).toEqual([
      hiTurn,
      { role: 'assistant', content: [text('hello')] },
      { role: 'user', content: [text('<system>\nBe loud.\n</system>'), text('again')] },
    ]);
  });

  it('is made of instructions when there is nothing else, and begins with the user', () => {
    expect(translate({ messages: [{ role: 'system', content: 'Say hi.' }] })).toMatchObject({
      messages: [{ role: 'user', content: [text('Say hi.')] }],
    });
    expect(turnsOf({ role: 'assistant', content: 'Welcome!' }, hi)).toEqual([
      { role: 'user', content: [text('(start)')] },
      { role: 'assistant', content: [text('Welcome!')] },
      hiTurn,
    ]);
  });

  it('joins messages of one role, drops blank texts, and ends an unfinished answer without white space', () => {
    expect(
      turnsOf(
        hi,
        { role: 'user', content: ' \n' },
        { role: 'user', content: 'you' },
        { role: 'assistant', content: 'I ' },
      ),
    ).toEqual([
      { role: 'user', content: [text('hi'), text('you')] },
      { role: 'assistant', content: [text('I')] },
    ]);
    expect(() => turnsOf({ role: 'user', content: '' })).toThrow(ProviderFailure);
  });

  it('keeps images and files, and what is to be cached', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/jpg;base64,AAAA', detail: 'high' }, cache_control },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' } },
      { type: 'file', file: { file_data: 'data:text/plain;charset=utf-8;base64,R3LDvMOfZQ==' } },
    ];
    expect(turnsOf({ role: 'user', content })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' }, cache_control },
          { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'BBBB' },
            title: 'a.pdf',
          },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße' } },
        ],
      },
    ]);
  });

  it('puts the results of parallel calls first, in one turn', () => {
    expect(
      turnsOf(
        hi,
        {
          role: 'assistant',
          content: 'Looking.',
          tool_calls: [call('call_1', 'weather', '{"city":"Bern"}'), call('functions.time:1', 'time', '')],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
        { role: 'user', content: 'Hurry.' },
        { role: 'tool', tool_call_id: 'functions.time:1', content: [{ type: 'text', text: 'noon' }] },
      ),
    ).toEqual([
      hiTurn,
      {
        role: 'assistant',
        content: [
          text('Looking.'),
          { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bern' } },
          { type: 'tool_use', id: 'functions_time_1', name: 'time', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: [text('sunny')] },
          { type: 'tool_result', tool_use_id: 'functions_time_1', content: [text('noon')] },
          text('Hurry.'),
        ],
      },
    ]);
  });

  it.each([
    ['{"city":', { arguments: '{"city":' }],
    ['["Bern"]', { arguments: ['Bern'] }],
    ['', {}],
  ])('takes arguments that are no object: %s', (argumentsText, input) => {
    const [, assistant] = turnsOf(hi, {
      role: 'assistant',
      content: null,
      tool_calls: [call('a', 'f', argumentsText)],
    }) as [unknown, { content: JsonObject[] }];
    expect(assistant.content).toEqual([{ type: 'tool_use', id: 'a', name: 'f', input }]);
  });

  it("reads OpenAI's first function calls", () => {
    const body = translate({
      messages: [
        hi,
        { role: 'assistant', content: null, function_call: { name: 'weather', arguments: '{}' } },
        { role: 'function', name: 'weather', content: 'sunny' },
      ],
    });
    expect(body.messages).toMatchObject([
      {},
      { content: [{ type: 'tool_use', id: 'function_call_1', name: 'weather' }] },
      { content: [{ type: 'tool_result', tool_use_id: 'function_call_1' }] },
    ]);
    // Calls of the past need their definitions.
    expect(body).toMatchObject({
      tools: [{ name: 'weather', input_schema: { type: 'object' } }],
      tool_choice: { type: 'none' },
    });
  });
});

describe('thinking that comes back', () => {
  const assistant = {
    role: 'assistant',
    content: 'First. Second.',
    tool_calls: [call('a', 'weather', '{}'), call('b', 'weather', '{}')],
    thinking_blocks: [
      { type: 'thinking', thinking: 'Hm.', signature: 's1' },
      { type: 'redacted_thinking', data: 'd1', text_before: 7 },
      { type: 'thinking', thinking: '', signature: 's2', text_before: 14, tool_calls_before: 1, novelty: 1 },
      { type: 'text', text: 'no thinking' },
    ],
  };
  const messages = [hi, assistant, { role: 'tool', tool_call_id: 'a', content: 'x' }];
  const contentOf = (body: JsonObject) => (body.messages as { content: JsonObject[] }[])[1]?.content;

  it('stands where it stood, with its signatures', () => {
    expect(contentOf(translate({ messages }))).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: 's1' },
      text('First. '),
      { type: 'redacted_thinking', data: 'd1' },
      text('Second.'),
      { type: 'tool_use', id: 'a', name: 'weather', input: {} },
      { type: 'thinking', thinking: '', signature: 's2' },
      { type: 'tool_use', id: 'b', name: 'weather', input: {} },
    ]);
  });

  it('is left out when the model is not to think, and none begins between a call and its result', () => {
    expect(contentOf(translate({ messages }, { model: BUDGETED }))).toEqual([
      text('First. Second.'),
      { type: 'tool_use', id: 'a', name: 'weather', input: {} },
      { type: 'tool_use', id: 'b', name: 'weather', input: {} },
    ]);
    const effort = { reasoning_effort: 'high', max_tokens: 10_000 };
    expect(translate({ messages, ...effort }, { model: BUDGETED }).thinking).toBeDefined();
    const { thinking_blocks: _, ...without } = assistant;
    const thoughtless = [hi, without, { role: 'tool', tool_call_id: 'a', content: 'x' }];
    expect(translate({ messages: thoughtless, ...effort }, { model: BUDGETED }).thinking).toBeUndefined();
  });
});
