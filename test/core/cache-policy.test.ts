import { describe, expect, it } from 'vitest';
import { caching } from '../../config/caching.ts';
import { cacheDecision, isKeepable } from '../../lambda/core/cache-policy.ts';
import type { ChatRequest } from '../../lambda/core/chat-request.ts';
import { contentClass } from '../../lambda/core/content-class.ts';

const decided = (content: string, body: object = {}, tags: string[] = [], rules = caching.rules) =>
  cacheDecision(
    {
      model: 'x',
      stream: false,
      streamOptions: {},
      body: { messages: [{ role: 'user', content }], ...body },
      maxTokens: undefined,
      options: {},
    },
    { id: 'p/m' },
    tags,
    { ...caching, rules },
  );

describe('how long an answer is kept', () => {
  it.each([
    ['How to grow tomatoes on a balcony?', 604_800, 'rule cultivation guides'],
    ['What will the weather be in Oslo?', 3_600, 'rule weather'],
    ['Translate "good morning" into Finnish', 86_400, 'class timeless'],
    ['Why is the sky blue?', 3_600, 'class knowledge'],
    ['Hello there', 1_800, 'class chat'],
    ['Which Node release has the permission model?', 300, 'class volatile'],
  ])('%s: %i s', (content, ttlSeconds, reason) => {
    expect(decided(content)).toMatchObject({ isKept: true, ttlSeconds, reason });
  });

  it.each([
    ['What is my balance?', 'class personal'],
    ['How to grow my tomatoes?', 'class personal'],
    ['Write to ada@example.com', 'class personal'],
    ['Wo ist mein Paket?', 'class personal'],
    ['Why does sk-abcdefgh12345 not work?', 'class secret'],
    ['Is "hunter2" a good password?', 'class secret'],
    ['What is the latest news?', 'class live'],
    ['What time is it?', 'class live'],
    ['What is the date?', 'class live'],
    ['Convert the bitcoin price into euros', 'class live'],
    ['¿Qué hora es?', 'class live'],
    ['Who am I?', 'class personal'],
    ['Ich heiße Erika Mustermann', 'class personal'],
    ['我叫李明', 'class personal'],
    ['Passwort: hunter2', 'class secret'],
    ['密码是123456', 'class secret'],
  ])('%s: never', (content, reason) => expect(decided(content)).toEqual({ isKept: false, reason }));

  it('is never above the temperature, which a rule may set', () => {
    expect(decided('Why is the sky blue?', { temperature: 1.2 })).toEqual({ isKept: false, reason: 'temperature' });
    const strict = [{ name: 'strict', tag: 't', ttl: 'week' as const, maximumTemperature: 0 }];
    expect(decided('Why is the sky blue?', { temperature: 0.1 }, ['t'], strict).isKept).toBe(false);
    expect(decided('Why is the sky blue?', {}, ['t'], strict).isKept).toBe(false);
    expect(decided('Why is the sky blue?', { temperature: 0 }, ['t'], strict)).toMatchObject({ ttlSeconds: 604_800 });
  });

  it('reads the parts of a message apart', () => {
    const content = [
      { type: 'text', text: 'What is my' },
      { type: 'text', text: 'name?' },
    ];
    expect(decided('', { messages: [{ role: 'user', content }] })).toEqual({ isKept: false, reason: 'class personal' });
  });

  it('is never for what was given by a tool or an instruction and is secret, nor shared when it is personal', () => {
    const question = { role: 'user', content: 'Why is the sky blue?' };
    const shared = [{ name: 'all', ttl: 'week' as const, sharedAs: 'everybody' }];
    const given = (message: object) => decided('', { messages: [message, question] }, [], shared);
    expect(given({ role: 'system', content: 'The password is hunter2' }).isKept).toBe(false);
    expect(given({ role: 'system', content: 'Write to ada@example.com' })).toMatchObject({
      reason: 'not for everybody',
    });
    expect(given({ role: 'tool', content: 'blue' })).toMatchObject({ reason: 'not for everybody' });
    expect(given({ role: 'system', content: 'Be brief.' }).isKept).toBe(true);
  });

  it.each([
    [
      'a picture behind an address',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://cam.example/live.jpg' } }] },
        ],
      },
    ],
    ['a file by its id', { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] }],
    ["the provider's search", { web_search_options: {} }],
    ["the provider's tools", { tools: [{ type: 'web_search' }] }],
  ])('is never for %s', (_, body) => {
    expect(decided('Describe a bird', body)).toEqual({ isKept: false, reason: 'looks outside' });
  });

  it('is kept for a picture in the request itself', () => {
    const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }];
    expect(decided('', { messages: [{ role: 'user', content }] }).isKept).toBe(true);
  });

  it('is never for what a rule says, and no rule has the personal kept', () => {
    const rules = [{ name: 'none', model: 'p/m', ttl: 'never' as const }];
    expect(decided('Why is the sky blue?', {}, [], rules)).toEqual({ isKept: false, reason: 'rule none' });
    const all = [{ name: 'all', ttl: 'week' as const }];
    expect(decided('What is my balance?', {}, [], all).isKept).toBe(false);
  });

  it('takes what was said earlier for as personal as what is asked now', () => {
    const messages = [
      { role: 'user', content: 'I am Ada.' },
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: 'Why is the sky blue?' },
    ];
    expect(decided('', { messages }).isKept).toBe(false);
    expect(contentClass('Why is the sky blue?')).toBe('knowledge');
  });
});

describe('a prompt of any length', () => {
  // A pattern of quadratic time takes minutes for these, and the whole process waits.
  it.each(['a', '-', '1 ', 'a@', '1', ' ', 'a.', '@', 'the ', '`'])('of %j is classified in linear time', (unit) => {
    contentClass(`What is this? ${unit.repeat(1_000_000)}!`);
  });
});

describe('a completion', () => {
  const choice = (ending: string, message: object = { content: 'Blue.' }) => ({ finish_reason: ending, message });
  const calling = { content: null, tool_calls: [{ id: 'call_1' }] };
  const keepable = (choices: object[], body: object = {}, keepsToolCalls = false) =>
    isKeepable({ choices }, { body: { messages: [], ...body } } as unknown as ChatRequest, keepsToolCalls);

  it('is kept when every choice asked for came to its own end', () => {
    expect(keepable([choice('stop')])).toBe(true);
    expect(keepable([choice('stop'), choice('stop')], { n: 2 })).toBe(true);
  });

  it.each([
    ['a choice is missing', [choice('stop')], { n: 2 }],
    ['the second was cut', [choice('stop'), choice('length')], { n: 2 }],
    ['the second was filtered', [choice('stop'), choice('content_filter', { content: '' })], { n: 2 }],
    ['the second calls a tool', [choice('stop'), choice('tool_calls', calling)], { n: 2 }],
    ['a forced call ends with stop', [choice('stop', calling)], {}],
    ['it calls a function of the old kind', [choice('stop', { function_call: { name: 'f' } })], {}],
  ])('is not kept when %s', (_, choices, body) => expect(keepable(choices, body)).toBe(false));

  it('is kept with tool calls where a rule says so', () => {
    expect(keepable([choice('tool_calls', calling)], {}, true)).toBe(true);
    expect(keepable([choice('length', calling)], {}, true)).toBe(false);
  });
});
