import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addChunk, assembled, newAssembly } from '../../lambda/core/assemble-completion.ts';
import type { JsonObject } from '../../lambda/core/json-body.ts';
import { followChunk, isComplete, newStreamProgress } from '../../lambda/core/stream-progress.ts';
import { assemblyOf, chunk, end, firstChoice, start, words } from './any-completion.ts';

describe('a message', () => {
  const thinking = { type: 'thinking', thinking: 'Hm.', signature: 's' };
  const audio = { id: 'audio_1', transcript: 'The tide', data: 'AAAA' };

  it.each<[string, JsonObject[], JsonObject]>([
    [
      'with reasoning that ends in null',
      [
        { content: null, reasoning_content: '' },
        { content: null, reasoning_content: 'Hm' },
        { content: 'Noon', reasoning_content: null },
        { content: '.', reasoning_content: null },
      ],
      { content: 'Noon.', reasoning_content: 'Hm' },
    ],
    [
      'with thoughts of Anthropic',
      [{ reasoning_content: 'Hm' }, { reasoning_content: '.' }, { thinking_blocks: [thinking] }, { content: 'Noon' }],
      { content: 'Noon', reasoning_content: 'Hm.', thinking_blocks: [thinking] },
    ],
    ['that refuses', [{ refusal: 'I will' }, { refusal: ' not.' }], { content: null, refusal: 'I will not.' }],
    [
      'with audio',
      [{ audio }, { audio: { transcript: ' turns', data: 'BBBB' } }, { audio: { expires_at: 9 } }],
      { content: null, audio: { id: 'audio_1', transcript: 'The tide turns', data: 'AAAABBBB', expires_at: 9 } },
    ],
    [
      'with a function call',
      [{ function_call: { name: 'tide', arguments: '' } }, { function_call: { arguments: '{}' } }],
      { content: null, function_call: { name: 'tide', arguments: '{}' } },
    ],
    [
      'with annotations',
      [{ content: 'a', annotations: [{ a: 1 }] }, { annotations: [{ a: 2 }] }, { annotations: null }],
      { content: 'a', annotations: [{ a: 1 }, { a: 2 }] },
    ],
    [
      'in parts and in texts',
      [{ content: [{ type: 'thinking', thinking: [] }] }, { content: 'The tide' }, { content: ' turns.' }],
      {
        content: [
          { type: 'thinking', thinking: [] },
          { type: 'text', text: 'The tide turns.' },
        ],
      },
    ],
    [
      'in texts and in parts',
      [{ content: 'a' }, { content: [{ type: 'image' }] }, { content: '' }],
      { content: [{ type: 'text', text: 'a' }, { type: 'image' }] },
    ],
    [
      'with unknown fields',
      [
        { content: 'a', number: 1, list: [1], text: 'x' },
        { number: 2, list: [2], text: 'y', object: { a: 1 } },
        { object: { b: 2 } },
      ],
      { content: 'a', number: 2, list: [1, 2], text: 'y', object: { a: 1, b: 2 } },
    ],
  ])('%s', (_name, deltas, expected) => {
    const choice = firstChoice(chunk({ role: 'assistant' }), ...deltas.map((delta) => chunk(delta)), end('stop'));
    expect(choice?.message).toEqual({ role: 'assistant', ...expected });
  });

  it('is what the deltas say, whatever else is in their chunks', () => {
    const said = { message: { role: 'assistant', content: 'Perplexity says a' } };
    expect(firstChoice(chunk({ content: 'a' }, said), end('stop'))?.message).toEqual({
      role: 'assistant',
      content: 'a',
    });
  });

  it('without role and content has both', () => {
    expect(firstChoice(end('content_filter'))?.message).toEqual({ role: 'assistant', content: null });
  });

  it('has log probabilities of all its chunks', () => {
    const one = (token: string) => ({ logprobs: { content: [{ token }], refusal: null } });
    const chunks = [
      chunk({ content: 'a' }, one('a')),
      chunk({ content: 'b' }, one('b')),
      chunk({}, { logprobs: null, finish_reason: 'stop' }),
    ];
    expect(firstChoice(...chunks)?.logprobs).toEqual({ content: [{ token: 'a' }, { token: 'b' }], refusal: null });
  });
});

describe('a completion', () => {
  it("keeps what Azure says in chunks without choices or words, before and after the answer's", () => {
    const prompt = [{ prompt_index: 0, content_filter_results: { jailbreak: { filtered: false } } }];
    const nobody = { id: '', object: '', created: 0, model: '' };
    const verdict = {
      content_filter_results: { hate: { filtered: false } },
      content_filter_offsets: { end_offset: 1 },
    };
    const whole = assemblyOf([
      { ...nobody, choices: [], prompt_filter_results: prompt },
      chunk({ role: 'assistant', content: 'a' }, { content_filter_results: {} }),
      chunk({}, { finish_reason: 'stop', content_filter_results: {} }),
      { ...nobody, choices: [{ index: 0, finish_reason: null, ...verdict }] },
    ]);
    expect(whole).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      prompt_filter_results: prompt,
      choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop', ...verdict }],
    });
  });

  it('has the last usage, be it in a chunk of its own or in every one', () => {
    const usage = (tokens: number) => ({ prompt_tokens: 1, completion_tokens: tokens, total_tokens: 1 + tokens });
    const own = [{ ...chunk({ content: 'a' }), usage: null }, end('stop'), { id: 'x', choices: [], usage: usage(2) }];
    expect(assemblyOf(own)?.usage).toEqual(usage(2));
    const every = [
      { ...chunk({ content: 'a' }), usage: usage(1) },
      { ...end('stop'), usage: usage(3) },
    ];
    expect(assemblyOf([...every, { choices: [], usage: null }])?.usage).toEqual(usage(3));
    expect(assemblyOf([end('length')])).not.toHaveProperty('usage');
  });

  it('has its choices in order, however their chunks come', () => {
    const of = (index: number, delta: JsonObject, reason: string | null = null) =>
      chunk(delta, { index, finish_reason: reason });
    const chunks = [of(1, { content: 'b' }), of(0, { content: 'a' }), of(1, {}, 'stop')];
    expect(assemblyOf(chunks)).toBeUndefined();
    expect(assemblyOf([...chunks, of(0, {}, 'length')])?.choices).toEqual([
      { index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'length' },
      { index: 1, message: { role: 'assistant', content: 'b' }, finish_reason: 'stop' },
    ]);
  });

  it('is none of a stream that was cut, or that went on after an ending', () => {
    expect(assemblyOf([])).toBeUndefined();
    expect(assemblyOf([{ choices: [] }])).toBeUndefined();
    expect(assemblyOf([start, chunk({ content: 'a' }, { finish_reason: '' })])).toBeUndefined();
    expect(assemblyOf([end('length'), chunk({ content: 'a' })])).toBeUndefined();
    expect(firstChoice(end('length'), chunk({ content: 'a' }), end('stop'))?.finish_reason).toBe('stop');
  });

  it('takes a field of any name, and a list of any length', () => {
    const list = new Array(300_000).fill(0);
    const odd = JSON.parse('{"content": "a", "__proto__": {"x": 1}, "toString": null}') as JsonObject;
    const message = firstChoice(chunk({ list }), chunk({ list }), chunk(odd), chunk(odd), end('stop'))?.message;
    expect(Object.keys(message as JsonObject)).toEqual(['role', 'content', 'list', '__proto__', 'toString']);
    expect(message).not.toHaveProperty('x');
  });
});

describe('any chunks that are followed', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const delta = fc.record(
    {
      content: fc.oneof(words, anything),
      reasoning: fc.oneof(words, anything),
      audio: anything,
      function_call: anything,
      annotations: anything,
      tool_calls: fc.oneof(
        anything,
        fc.array(
          fc.oneof(
            anything,
            fc.record(
              { index: fc.oneof(fc.nat(2), anything), id: fc.oneof(words, anything), function: anything },
              { requiredKeys: [] },
            ),
          ),
        ),
      ),
    },
    { requiredKeys: [] },
  );
  const anyChunk = fc.record(
    {
      id: anything,
      usage: anything,
      choices: fc.array(
        fc.record(
          {
            index: fc.oneof(fc.nat(1), anything),
            delta: fc.oneof({ weight: 5, arbitrary: delta }, { weight: 1, arbitrary: anything }),
            logprobs: anything,
            finish_reason: fc.oneof(fc.constantFrom('stop', 'length', null), anything),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['choices'] },
  );

  it('are assembled when every choice has ended, and stay as they are', () => {
    fc.assert(
      fc.property(fc.array(anyChunk, { maxLength: 6 }), (chunks) => {
        const before = JSON.stringify(chunks);
        const progress = newStreamProgress(1);
        const assembly = newAssembly();
        for (const one of chunks) {
          if (followChunk(progress, one) !== undefined) return;
          addChunk(assembly, one);
        }
        const whole = assembled(assembly);
        expect(whole !== undefined).toBe(isComplete(progress));
        expect(JSON.stringify(chunks)).toBe(before);
        if (!whole) return;
        const [first] = whole.choices as { index: number; finish_reason: string }[];
        if (first?.index === 0) expect(first.finish_reason).toBe(progress.finishReason);
      }),
      { numRuns: 2_000 },
    );
  });
});
