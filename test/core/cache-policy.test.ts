import { describe, expect, it } from 'vitest';
import { caching } from '../../config/caching.ts';
import { cacheDecision } from '../../lambda/core/cache-policy.ts';
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
    'p/m',
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
  ])('%s: never', (content, reason) => expect(decided(content)).toEqual({ isKept: false, reason }));

  it('is never above the temperature, which a rule may set', () => {
    expect(decided('Why is the sky blue?', { temperature: 1.2 })).toEqual({ isKept: false, reason: 'temperature' });
    const strict = [{ name: 'strict', tag: 't', ttl: 'week' as const, maximumTemperature: 0 }];
    expect(decided('Why is the sky blue?', { temperature: 0.1 }, ['t'], strict).isKept).toBe(false);
    expect(decided('Why is the sky blue?', {}, ['t'], strict)).toMatchObject({ ttlSeconds: 604_800 });
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
