import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { JsonObject } from '../../lambda/core/json-body.ts';
import type { TaskClass } from '../../lambda/core/routing/task-class.ts';
import { readOutcomeModels, readPublicOutcomes } from '../../training/outcomes.ts';

/** A prompt whose class is known. */
export interface ClassRow {
  messages: JsonObject[];
  class: TaskClass;
}

/** A prompt whose topic is known; null for none. */
export interface TopicRow {
  messages: JsonObject[];
  topic: string | null;
}

/** How right a weak and a strong model were about a prompt, from 0 to 1. */
export interface PairRow {
  prompt: string;
  weak: number;
  strong: number;
  subject?: string;
}

/** How right each of several models was about a prompt. */
export interface ManyRow {
  prompt: string;
  scores: number[];
}

export interface ManySet {
  models: string[];
  dollarsPerMillion: number[];
  history: ManyRow[];
  /** What is measured on; empty where only a history is given. */
  test: ManyRow[];
}

export interface Sets {
  classes: ReadonlyMap<string, ClassRow[]>;
  topics: ReadonlyMap<string, TopicRow[]>;
  pairs: ReadonlyMap<string, PairRow[]>;
  many: ReadonlyMap<string, ManySet>;
}

/**
 * Reads every `.jsonl` below a folder. What a file holds is told from its rows (docs/routing.md has the formats); parts of
 * a set (`name_part1`, `name_part2`) are put together.
 */
export function readSets(folder: string): Sets {
  const classes = new Map<string, ClassRow[]>();
  const topics = new Map<string, TopicRow[]>();
  const pairs = new Map<string, PairRow[]>();
  const many = new Map<string, ManySet>();
  for (const file of filesIn(folder)) {
    const rows = readRows(file);
    const name = basename(file, '.jsonl').replace(/_part\d+$/, '');
    const [first] = rows;
    if (!first) continue;
    if ('class' in first) append(classes, name, rows.map(classRow));
    else if ('topic' in first) append(topics, name, rows.map(topicRow));
    else if ('weak' in first || 'mixtral8x7b' in first) append(pairs, name, rows.map(pairRow));
    else if ('s' in first && 'q' in first) addMany(many, file, name, rows);
  }
  return { classes, topics, pairs, many };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return filesIn(path);
      return name.endsWith('.jsonl') ? [path] : [];
    });
}

function readRows(file: string): JsonObject[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

function append<Row>(sets: Map<string, Row[]>, name: string, rows: Row[]): void {
  sets.set(name, [...(sets.get(name) ?? []), ...rows]);
}

function messagesOf({ messages, prompt }: JsonObject): JsonObject[] {
  return Array.isArray(messages) ? messages : [{ role: 'user', content: prompt }];
}

function classRow(row: JsonObject): ClassRow {
  return { messages: messagesOf(row), class: row.class as TaskClass };
}

function topicRow(row: JsonObject): TopicRow {
  return { messages: messagesOf(row), topic: (row.topic ?? null) as string | null };
}

/** Rows of our own (`prompt`, `weak`, `strong`), or of RouteLLM's outcomes. */
function pairRow(row: JsonObject): PairRow {
  const { prompt = row.p, weak = row.mixtral8x7b, strong = row.gpt4_1106, subject = row.subj } = row;
  return {
    prompt: String(prompt),
    weak: Number(weak),
    strong: Number(strong),
    ...(subject === undefined ? {} : { subject: String(subject) }),
  };
}

/** The public outcomes that were learned from, as sets: they are measured in folds. */
export function outcomeSets(): Pick<Sets, 'pairs' | 'many'> {
  const pairs = new Map<string, PairRow[]>();
  const history: ManyRow[] = [];
  for (const { set, prompt, weak = 0, strong = 0, subject, scores } of readPublicOutcomes()) {
    if (scores) history.push({ prompt, scores });
    else append(pairs, set, [{ prompt, weak, strong, ...(subject === undefined ? {} : { subject }) }]);
  }
  return { pairs, many: new Map([['llmrouter', { ...readOutcomeModels(), history, test: [] }]]) };
}

/** `<name>_train…jsonl` is history, `<name>_test.jsonl` what is measured on, `<name>_models.json` names and prices. */
function addMany(sets: Map<string, ManySet>, file: string, name: string, rows: JsonObject[]): void {
  const stem = name.replace(/_(train|test)$/, '');
  const { models, price_usd_per_Mtok } = JSON.parse(
    readFileSync(join(dirname(file), `${stem}_models.json`), 'utf8'),
  ) as { models: string[]; price_usd_per_Mtok: number[] };
  const set = sets.get(stem) ?? { models, dollarsPerMillion: price_usd_per_Mtok, history: [], test: [] };
  const read = rows.map((row) => ({ prompt: String(row.q), scores: row.s as number[] }));
  if (name.endsWith('_test')) set.test.push(...read);
  else set.history.push(...read);
  sets.set(stem, set);
}
