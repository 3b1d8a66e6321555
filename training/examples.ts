import type { Task } from '../lambda/core/routing/task.ts';
import type { TaskClass } from '../lambda/core/routing/task-class.ts';
import { pick } from './random.ts';
import {
  type Frames,
  type Material,
  readFrames,
  readMaterials,
  readPublicPrompts,
  readSlots,
  readTemplates,
  type Template,
} from './templates.ts';

/** A task whose class is known. */
export interface Example {
  task: Task;
  label: TaskClass;
  /** Which line of the training text it was made from: those of one line are learned from, or tested on, together. */
  line: number;
  weight: number;
}

/** How many examples a line becomes. */
const COPIES = { english: 14, other: 8, slotless: 3, publicPrompt: 1 };

/** How much of the examples have earlier turns. */
const TURNS_SHARE = 0.15;

/** The examples that the training text makes, the same for the same randomness. */
export function makeExamples(random: () => number): Example[] {
  const templates = readTemplates();
  const make = exampleMaker(random);
  const made = templates.flatMap((template, line) =>
    Array.from({ length: copiesOf(template) }, () => make(template, line)),
  );
  const found = readPublicPrompts().map((row, index) => ({
    task: alone(row.prompt),
    label: row.class,
    line: templates.length + index,
    weight: COPIES.publicPrompt,
  }));
  return balanced([...made, ...withTurns(found, random)]);
}

function copiesOf({ language, text, pasted }: Template): number {
  if (pasted === undefined && !text.includes('{')) return COPIES.slotless;
  return language === 'en' ? COPIES.english : COPIES.other;
}

function exampleMaker(random: () => number): (template: Template, line: number) => Example {
  const slots = readSlots();
  const materials = readMaterials();
  const frames = readFrames();
  const openings = readTemplates().filter(({ isLaterTurn, pasted }) => !isLaterTurn && pasted === undefined);
  const foreign = materials.filter(({ kind }) => kind === 'foreign').map(({ text }) => text);
  // What stands for a name may have names in it.
  const fill = (text: string, depth = 2): string =>
    text.replace(/\{(\w+)\}/g, (whole, name) => {
      const chosen = pick(name === 'foreign' ? foreign : (slots.get(name) ?? [whole]), random);
      return depth > 1 ? fill(chosen, depth - 1) : chosen;
    });
  return (template, line) => {
    const said = varied(fill(framed(template, frames, random)), random);
    const prompt =
      template.pasted === undefined ? said : pastedTo(said, materialFor(template, materials, random), random);
    const weight = 1 / copiesOf(template) + 0.25;
    const hasTurns = template.isLaterTurn || random() < TURNS_SHARE;
    const task = hasTurns
      ? { prompt, system: '', turns: 2 + Math.floor(random() * 3), previous: fill(pick(openings, random).text) }
      : { ...alone(prompt), system: random() < 0.06 ? 'You are a helpful assistant.' : '' };
    return { task, label: template.label, line, weight };
  };
}

function alone(prompt: string): Task {
  return { prompt, system: '', turns: 1, previous: '' };
}

function withTurns(examples: Example[], random: () => number): Example[] {
  return examples.map((example) =>
    random() < TURNS_SHARE ? { ...example, task: { ...example.task, turns: 2, previous: 'ok' } } : example,
  );
}

/** A text to paste, of the same language if there is one. */
function materialFor({ pasted, language }: Template, materials: Material[], random: () => number): string {
  const fitting = materials.filter(({ kind }) => kind === pasted);
  const own = fitting.filter((material) => material.language === language);
  const { text } = pick(own.length > 0 && random() < 0.85 ? own : fitting, random);
  if (pasted !== 'prose' || random() < 0.6) return text;
  // Articles are longer than a paragraph.
  const more = pick(
    materials.filter((material) => material.kind === 'prose' && material.language === language),
    random,
  );
  return more === undefined ? text : `${text}\n\n${more.text}`;
}

/** The ways in which people put a text and what they want of it together. */
function pastedTo(said: string, text: string, random: () => number): string {
  const isCode = /[{}();=]/.test(text);
  const way = random();
  if (said === '') return text;
  const bare = said.replace(/[.:：]$/, '');
  if (isCode && way < 0.35) return `${said}\n\n\`\`\`\n${text}\n\`\`\``;
  if (way < 0.2) return `${text}\n\n${said}`;
  if (way < 0.3 && !text.includes('\n')) return `${bare}: ${text}`;
  if (way < 0.37 && !text.includes('\n')) return `${bare}: "${text}"`;
  if (way < 0.44) return `${said}\n\n"""\n${text}\n"""`;
  if (way < 0.5) return `${said}\n\nText: ${text}`;
  if (way < 0.65) return `${bare}:\n${text}`;
  if (way < 0.75) return `${said}\n${text}`;
  return `${said}\n\n${text}`;
}

const BEFORE = [
  'please ',
  'Please ',
  'Can you ',
  'could you ',
  'hey, ',
  'Hi! ',
  'ok, ',
  'I need help. ',
  'Quick question: ',
];
const AFTER = [' please', ' thanks', ' Thank you!', ' asap', ' thx'];

/** How often a prompt stands among sentences that say nothing of the task. */
const FRAMED = { before: 0.25, after: 0.25 };

/** With sentences before or behind it that say nothing of the task. */
function framed({ text, language, isLaterTurn }: Template, frames: Frames, random: () => number): string {
  if (language !== 'en' || isLaterTurn || text === '') return text;
  const some = (sentences: readonly string[], share: number) =>
    random() < share ? Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(sentences, random)) : [];
  const [before, after] = [some(frames.before, FRAMED.before), some(frames.after, FRAMED.after)];
  const isApart = random() < 0.25;
  const own = after.length > 0 && !/[.?!:]$/.test(text) && !isApart ? `${text}.` : text;
  return [before.join(' '), own, after.join(' ')].filter((part) => part !== '').join(isApart ? '\n' : ' ');
}

/** The same, as somebody else would have typed it. */
function varied(text: string, random: () => number): string {
  const isLatin = /^[\x20-\u024f]*$/.test(text);
  let said = text;
  if (isLatin && random() < 0.25) said = said.toLowerCase();
  if (random() < 0.2) said = said.replace(/[.?!:]$/, '');
  if (/^(?:[A-Z][a-z]+|[a-z]+) (?:a|an|the|this|me|all) /.test(said)) {
    const way = random();
    if (way < 0.15) said = pick(BEFORE, random) + said.charAt(0).toLowerCase() + said.slice(1);
    else if (way < 0.22) said += pick(AFTER, random);
  }
  return said;
}

/** The same with weights by which every class counts alike. */
function balanced(examples: Example[]): Example[] {
  const totals = new Map<TaskClass, number>();
  for (const { label, weight } of examples) totals.set(label, (totals.get(label) ?? 0) + weight);
  const mean = [...totals.values()].reduce((sum, total) => sum + total, 0) / totals.size;
  return examples.map((example) => ({
    ...example,
    weight: (example.weight * mean) / (totals.get(example.label) ?? 1),
  }));
}
