import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeCompletion, writtenCharacters } from '../../lambda/core/completion.ts';
import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';
import { chunksOf } from '../../lambda/core/replay-completion.ts';
import { followChunk, isComplete, newStreamProgress } from '../../lambda/core/stream-progress.ts';
import { readOpenAiUsage } from '../../lambda/core/usage.ts';
import { recordedAnswers } from '../providers/recorded-answers.ts';
import { anyCompletion, assemblyOf } from './any-completion.ts';

describe('the replay of any completion', () => {
  it('is the completion again when it is assembled', () => {
    fc.assert(
      fc.property(anyCompletion, (completion) => {
        expect(assemblyOf(chunksOf(completion))).toEqual(JSON.parse(JSON.stringify(completion)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is judged as the completion is', () => {
    fc.assert(
      fc.property(anyCompletion, (completion) => {
        const progress = newStreamProgress((completion.choices as JsonObject[]).length);
        const flaws = [...chunksOf(completion)].map((chunk) => followChunk(progress, chunk)).filter(Boolean);
        const facts = judgeCompletion(completion);
        if ('flaw' in facts) {
          expect(flaws[0]).toBe(facts.flaw);
          return;
        }
        expect(flaws).toEqual([]);
        expect(isComplete(progress)).toBe(true);
        expect(progress).toMatchObject({
          finishReason: facts.finishReason,
          outputCharacters: facts.outputCharacters,
          usage: readOpenAiUsage(completion.usage),
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('has the same identity in all chunks', () => {
    fc.assert(
      fc.property(anyCompletion, (completion) => {
        const { id, created, model } = completion;
        for (const chunk of chunksOf(completion)) {
          expect(chunk.object).toBe('chat.completion.chunk');
          expect([chunk.id, chunk.created, chunk.model]).toEqual([id, created, model]);
        }
      }),
    );
  });

  it('leaves the completion as it is', () => {
    fc.assert(
      fc.property(anyCompletion, (completion) => {
        const before = structuredClone(completion);
        assemblyOf(chunksOf(completion));
        expect(completion).toEqual(before);
      }),
    );
  });
});

describe('the replay', () => {
  const deltasOf = (message: JsonObject, more: JsonObject = {}): unknown[] =>
    [...chunksOf({ id: 'x', choices: [{ index: 0, message, finish_reason: 'stop', ...more }] })].map(
      ({ choices }) => (choices as JsonObject[])[0]?.delta,
    );

  it('thinks first, then speaks, then calls', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'tide', arguments: '{"at":"noon"}' } };
    const message = { role: 'assistant', content: 'Let me see.', reasoning_content: 'A tide.', tool_calls: [call] };
    expect(deltasOf({ ...message, refusal: null, from: 'elsewhere' })).toEqual([
      { role: 'assistant', content: '', refusal: null, from: 'elsewhere' },
      { reasoning_content: 'A tide.' },
      { content: 'Let me see.' },
      { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'tide', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"at":"noon"}' } }] },
      {},
    ]);
  });

  it('cuts a text before spaces, and a long one into 200 pieces at most', () => {
    expect(deltasOf({ role: 'assistant', content: 'The tide turns at noon, as it did before.' }).slice(1, -1)).toEqual([
      { content: 'The tide turns at' },
      { content: ' noon, as it did' },
      { content: ' before.' },
    ]);
    const long = 'a tide '.repeat(100_000);
    const pieces = deltasOf({ role: 'assistant', content: long }).slice(1, -1) as { content: string }[];
    expect(pieces.length).toBeLessThanOrEqual(200);
    expect(pieces.map(({ content }) => content).join('')).toBe(long);
  });

  it('parts no character from its other half', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000, size: 'max' }), (content) => {
        for (const delta of deltasOf({ role: 'assistant', content })) {
          if (isJsonObject(delta) && typeof delta.content === 'string') expect(delta.content.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('has log probabilities with the first words, and the rest of a choice with its ending', () => {
    const logprobs = { content: [{ token: 'Hi', logprob: -1 }], refusal: null };
    const message = { role: 'assistant', content: 'Hi', reasoning: 'Hm' };
    const chunks = [...chunksOf({ choices: [{ index: 0, message, logprobs, finish_reason: 'stop', seed: 7 }] })];
    expect(chunks.map(({ choices }) => (choices as JsonObject[])[0])).toEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
      { index: 0, delta: { reasoning: 'Hm' }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: 'Hi' }, logprobs, finish_reason: null },
      { index: 0, delta: {}, logprobs: null, finish_reason: 'stop', seed: 7 },
    ]);
  });

  it('says once what the completion says beside its choices, and nothing of what is no part of one', () => {
    const message = { role: 'assistant', content: 'Hi' };
    const choice = { index: 0, message, delta: { content: 'Hello' }, finish_reason: 'stop' };
    const shared = { id: 'x', object: 'chat.completion.chunk' };
    const chunks = [...chunksOf({ ...shared, citations: ['a'], choices: [choice], usage: { total_tokens: 1 } })];
    expect(chunks.map(({ choices, ...said }) => said)).toEqual([
      { ...shared, citations: ['a'] },
      shared,
      shared,
      { ...shared, usage: { total_tokens: 1 } },
    ]);
    expect(chunks[2]?.choices).toEqual([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  });

  it('tells two choices apart that have the same index', () => {
    const choice = (content: string) => ({ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' });
    const whole = assemblyOf(chunksOf({ choices: [choice('one'), choice('two')] }));
    expect(whole?.choices).toEqual([choice('one'), { ...choice('two'), index: 1 }]);
  });

  it('says nothing of what is no completion, but what it holds', () => {
    expect([...chunksOf({})]).toEqual([]);
    expect([...chunksOf({ choices: 'none', usage: {} })]).toEqual([
      { object: 'chat.completion.chunk', choices: [], usage: {} },
    ]);
    expect(assemblyOf(chunksOf({ choices: [null, { finish_reason: 'length' }] }))).toMatchObject({
      choices: [{ finish_reason: 'length' }],
    });
  });

  it('counts the characters of a call of another kind, and a little for its index', () => {
    const custom = { id: 'call_1', type: 'custom', custom: { name: 'code', input: 'print(1)' } };
    const message = { role: 'assistant', content: null, tool_calls: [custom] };
    const whole = { object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
    expect(assemblyOf(chunksOf(whole))).toEqual(whole);
    const characters = deltasOf(message).reduce<number>(
      (sum, delta) => sum + writtenCharacters(delta as JsonObject),
      0,
    );
    expect(characters).toBe(writtenCharacters(message) + ',"index":0'.length);
  });
});

describe.each(Object.entries(recordedAnswers()))("%s's whole answer", (_id, { whole }) => {
  it('is itself again, replayed and assembled', () => {
    // Perplexity repeats an empty delta in its whole answers.
    const bare = JSON.parse(JSON.stringify(whole), (key, value) => (key === 'delta' ? undefined : value));
    expect(assemblyOf(chunksOf(whole))).toEqual(bare);
  });
});
