import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TASK_CLASSES, type TaskClass } from '../lambda/core/routing/task-class.ts';

const FOLDER = join(import.meta.dirname, 'text');

/** A line of the training text: a prompt, or an instruction for a pasted text of some kind. */
export interface Template {
  label: TaskClass;
  language: string;
  text: string;
  /** The kind of text that is pasted with it. */
  pasted?: string;
  /** It follows on earlier turns. */
  isLaterTurn: boolean;
}

export interface Material {
  language: string;
  kind: string;
  text: string;
}

function linesOf(file: string): string[] {
  return readFileSync(join(FOLDER, file), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** All lines of the training text. */
export function readTemplates(): Template[] {
  return [
    ...templatesIn('english.txt'),
    ...templatesIn('english-long.txt'),
    ...templatesIn('english-messy.txt'),
    ...templatesIn('other-languages.txt'),
    ...templatesIn('turns.txt'),
  ];
}

function templatesIn(file: string): Template[] {
  let label: TaskClass = 'chat';
  return linesOf(file).flatMap((line) => {
    const heading = /^\[(\w+)\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      label = TASK_CLASSES.find((name) => name === heading) ?? raise(`${file} has the heading [${heading}].`);
      return [];
    }
    const language = file === 'other-languages.txt' ? line.slice(0, 2) : 'en';
    const said = file === 'other-languages.txt' ? line.slice(4) : line;
    const pasted = /\+(\w+)$/.exec(said)?.[1];
    const text = said.replace(/\s*\+\w+$/, '').replaceAll('\\n', '\n');
    return [{ label, language, text, isLaterTurn: file === 'turns.txt', ...(pasted ? { pasted } : {}) }];
  });
}

/** Sentences that people set before and behind what they ask. */
export interface Frames {
  before: readonly string[];
  after: readonly string[];
}

/** All of them. */
export function readFrames(): Frames {
  const lines = linesOf('frames.txt');
  const after = lines.indexOf('[after]');
  return { before: lines.slice(1, after), after: lines.slice(after + 1) };
}

/** What may stand for `{name}` in a template. */
export function readSlots(): ReadonlyMap<string, readonly string[]> {
  return new Map(
    linesOf('slots.txt').map((line) => {
      const colon = line.indexOf(':');
      return [
        line.slice(0, colon),
        line
          .slice(colon + 1)
          .split(' | ')
          .map((part) => part.trim()),
      ];
    }),
  );
}

/** The texts that are pasted. */
export function readMaterials(): Material[] {
  const file = readFileSync(join(FOLDER, 'materials.txt'), 'utf8');
  const parts = file.split(/^== (\w+) (\w+)$/m).slice(1);
  return Array.from({ length: parts.length / 3 }, (_, index) => ({
    language: parts[index * 3] as string,
    kind: parts[index * 3 + 1] as string,
    text: (parts[index * 3 + 2] as string).trim(),
  }));
}

/** Prompts of public data sets whose licences allow their use. */
export function readPublicPrompts(): { prompt: string; class: TaskClass; source: string }[] {
  return linesOf('public.jsonl').map((line) => JSON.parse(line));
}

/** A line of the text of a topic. */
export interface TopicLine {
  text: string;
  isOfTopic: boolean;
}

/** The lines of a topic: what is of it, and what only sounds like it. */
export function readTopicLines(file: string): TopicLine[] {
  let isOfTopic = true;
  return linesOf(join('topics', file)).flatMap((line) => {
    if (/^\[\w+\]$/.test(line)) {
      isOfTopic = line === '[yes]';
      return [];
    }
    return [{ text: line.replace(/^[a-z]{2}: /, ''), isOfTopic }];
  });
}

/** Prompts that any model gets right, and prompts that weak ones do not. */
export function readOwnOutcomes(): { prompt: string; isEasy: boolean }[] {
  let isEasy = true;
  return linesOf('own-outcomes.txt').flatMap((line) => {
    if (!/^\[\w+\]$/.test(line)) return [{ prompt: line, isEasy }];
    isEasy = line === '[easy]';
    return [];
  });
}

function raise(message: string): never {
  throw new Error(message);
}
