import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { words as plantCultivation } from '../../../config/topics/plant-cultivation.ts';
import { parsePromptModel } from '../../../lambda/core/routing/prompt-model.ts';
import { readTask } from '../../../lambda/core/routing/read-task.ts';

const ROOT = join(import.meta.dirname, '../../..');
const file = readFileSync(join(ROOT, 'lambda/routing/prompt-model.bin'));
const model = parsePromptModel(file);
const topics = { 'plant cultivation': plantCultivation };

const read = (prompt: string) => readTask(model, [{ role: 'user', content: prompt }], topics);

interface HeldOut {
  prompt?: string;
  messages?: { role: string; content: string }[];
  class: string;
}

function rows<Row>(name: string): Row[] {
  const text = readFileSync(join(ROOT, 'bench/routing/held-out', name), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the prompt model that ships', () => {
  it('is the one that the training text makes', () => {
    const hash = createHash('sha256').update(file).digest('hex');
    expect(hash).toBe(readFileSync(join(ROOT, 'training/prompt-model.sha256'), 'utf8').trim());
  });

  it('weighs at most 300 KB', () => {
    expect(file.length).toBeLessThanOrEqual(300_000);
  });

  it('reads at least 90 % of the held-out prompts right', () => {
    const held = rows<HeldOut>('classes.jsonl');
    const right = held.filter(({ prompt, messages, class: expected }) => {
      const said = messages ?? [{ role: 'user', content: prompt ?? '' }];
      return readTask(model, said as never, topics).taskClass === expected;
    });
    expect(held.length).toBe(450);
    expect(right.length / held.length).toBeGreaterThanOrEqual(0.9);
  });

  it('reads at least 80 % of prompts right that are typed in a hurry', () => {
    const held = rows<HeldOut>('classes-second.jsonl');
    const right = held.filter(({ prompt, messages, class: expected }) => {
      const said = messages ?? [{ role: 'user', content: prompt ?? '' }];
      return readTask(model, said as never, topics).taskClass === expected;
    });
    expect(held.length).toBe(138);
    expect(right.length / held.length).toBeGreaterThanOrEqual(0.8);
  });

  it('is refused when it is cut off', () => {
    expect(() => parsePromptModel(file.subarray(0, file.length - 1))).toThrow('another version');
  });
});

describe('a task', () => {
  it('is what the last turn asks for, not the turns before', () => {
    const messages = [
      { role: 'user', content: 'Write a Python function that sorts a list of dates.' },
      { role: 'assistant', content: '```python\nsorted(dates)\n```' },
      { role: 'user', content: 'Thanks! What is the capital of Norway?' },
    ];
    expect(readTask(model, messages, topics).taskClass).toBe('qa');
  });

  it('is told from what is pasted with it', () => {
    const pasted = 'Please write a function that adds two numbers, and translate the summary into French.';
    expect(read(`Summarize the following email in one sentence.\n\n${pasted}`).taskClass).toBe('summarization');
    expect(read(`Translate into German: "${pasted}"`).taskClass).toBe('translation');
  });

  it('has a class for anything: nothing, one sign, a megabyte', () => {
    for (const prompt of ['', '?', '"', 'x'.repeat(1_000_000), '„'.repeat(10_000), '<pre>'.repeat(2_000)]) {
      const { confidence } = read(prompt);
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
  });

  it('is more complex where weaker models fail more often', () => {
    expect(read('hi there').complexity).toBe('low');
    expect(read('Print hello world in Java').complexity).toBe('low');
    const demanding =
      'Design a message queue in Rust that survives crashes and delivers once, and prove its guarantees.';
    expect(read(demanding).complexity).toBe('high');
  });
});

describe('the topic plant cultivation', () => {
  it('is told from roots, plants and seeds of other kinds', () => {
    for (const prompt of [
      'How do I log in as root user on the new server?',
      'Which power plant in the region is the oldest?',
      'Load the seed data before the tests run.',
      'My tree view does not expand the leaf nodes.',
    ]) {
      expect(read(prompt).topic).toBeUndefined();
    }
  });

  it('is found in several languages', () => {
    for (const prompt of [
      'When should I repot my orchid?',
      'Mein Basilikum wird gelb, gieße ich zu viel?',
      '¿Cuándo se poda un rosal?',
      'バラの剪定はいつですか',
    ]) {
      expect(read(prompt).topic).toBe('plant cultivation');
    }
  });

  it('is found by weights where no word of the list tells it', () => {
    const prompt = 'The peonies flop over after rain';
    const withoutWeights = { ...plantCultivation, learned: undefined };
    const said = [{ role: 'user', content: prompt }];
    expect(readTask(model, said, { 'plant cultivation': withoutWeights as never }).topic).toBeUndefined();
    expect(read(prompt).topic).toBe('plant cultivation');
  });

  it('is found in most prompts that its words were not made for, and rarely elsewhere', () => {
    const held = rows<{ prompt: string; topic: string | null }>('topics-fourth.jsonl');
    const found = held.filter(({ prompt }) => read(prompt).topic !== undefined);
    const right = found.filter(({ topic }) => topic !== null);
    const there = held.filter(({ topic }) => topic !== null);
    expect(right.length / found.length).toBeGreaterThanOrEqual(0.95);
    expect(right.length / there.length).toBeGreaterThanOrEqual(0.6);
  });
});
