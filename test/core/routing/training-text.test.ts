import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normalize } from '../../../lambda/core/routing/normalize.ts';
import { makeExamples } from '../../../training/examples.ts';
import { seededRandom } from '../../../training/random.ts';
import { readTopicLines } from '../../../training/templates.ts';
import { SEEDS } from '../../../training/train.ts';

const HELD_OUT = join(import.meta.dirname, '../../../bench/routing/held-out');

describe('the training text', () => {
  it('has none of the held-out prompts', () => {
    const held = ['classes.jsonl', 'classes-second.jsonl']
      .flatMap((name) => readFileSync(join(HELD_OUT, name), 'utf8').trim().split('\n'))
      .map((line) => JSON.parse(line))
      .map(({ prompt, messages }) => normalize(prompt ?? messages.at(-1).content));
    const learned = new Set(makeExamples(seededRandom(SEEDS.examples)).map(({ task }) => normalize(task.prompt)));
    expect(held.filter((prompt) => learned.has(prompt))).toEqual([]);
  });

  it('has none of the held-out prompts in the text of a topic', () => {
    const held = ['topics.jsonl', 'topics-second.jsonl', 'topics-third.jsonl', 'topics-fourth.jsonl']
      .flatMap((name) => readFileSync(join(HELD_OUT, name), 'utf8').trim().split('\n'))
      .map((line) => JSON.parse(line))
      .map(({ prompt, messages }) => normalize(prompt ?? messages.at(-1).content));
    const learned = new Set(readTopicLines('plant-cultivation.txt').map(({ text }) => normalize(text)));
    expect(learned.size).toBeGreaterThan(500);
    expect(held.filter((prompt) => learned.has(prompt))).toEqual([]);
  });

  it('makes the same examples from the same seed', () => {
    expect(makeExamples(seededRandom(3))).toEqual(makeExamples(seededRandom(3)));
  });
});
