import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { topics } from '../config/topics.ts';
import { parsePromptModel } from '../lambda/core/routing/prompt-model.ts';
import { TASK_CLASSES } from '../lambda/core/routing/task-class.ts';
import { loadTopicWords } from '../lambda/core/routing/topic.ts';
import { type ClassResult, measureClasses, measureTopics } from './routing/classes.ts';
import { type ManyResult, measureMany, measurePair, type PairResult } from './routing/outcomes.ts';
import { confusionPicture, linesPicture } from './routing/pictures.ts';
import { outcomeSets, readSets } from './routing/sets.ts';

/**
 * `npm run bench -- routing [folder] [--pictures]` measures how prompts are read and routed, on our own held-out sets and the
 * public outcomes in this repository, or on the sets in a folder. docs/routing.md has the formats, and says what the figures mean.
 */
const HELD_OUT = join(import.meta.dirname, 'routing/held-out');
const DOCS = join(import.meta.dirname, '../docs');

const words = process.argv.slice(2).filter((word) => word !== 'routing');
const wantsPictures = words.includes('--pictures');
const folder = words.find((word) => !word.startsWith('--'));

const file = await readFile(join(import.meta.dirname, '../lambda/routing/prompt-model.bin'));
const model = parsePromptModel(file);
const topicWords = await loadTopicWords(topics);
const sets = folder === undefined ? { ...readSets(HELD_OUT), ...outcomeSets() } : readSets(folder);
console.log(`prompt model: ${file.length} bytes\n`);

for (const [name, rows] of sets.classes) {
  const result = measureClasses(model, rows);
  printClasses(name, rows.length, result);
  if (wantsPictures) draw(`routing-confusion-${name}`, confusionPicture(`Classes, ${name}: rows are right`, result));
}
for (const [name, rows] of sets.topics) {
  const { precision, recall } = measureTopics(model, rows, topicWords);
  console.log(
    `topics, ${name} (${rows.length} prompts): precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}\n`,
  );
}
for (const [name, rows] of sets.pairs) {
  const result = measurePair(model, rows);
  printPair(name, rows.length, result);
  if (wantsPictures) draw(`routing-gain-${name}`, pairPicture(name, result));
}
for (const [name, set] of sets.many) {
  const result = measureMany(set);
  printMany(name, result);
  if (wantsPictures) draw(`routing-cost-${name}`, manyPicture(name, result));
}

function printClasses(
  name: string,
  count: number,
  { accuracy, confusion, sure, calibration, milliseconds }: ClassResult,
) {
  console.log(`classes, ${name} (${count} prompts): accuracy ${accuracy.toFixed(3)}`);
  console.log(`  confidence 0.7 and above: ${percent(sure.right)} right, covering ${percent(sure.covered)}`);
  console.log(`  time: p50 ${milliseconds.p50.toFixed(3)} ms, p95 ${milliseconds.p95.toFixed(3)} ms`);
  const bins = calibration.filter((bin) => bin.count > 0);
  console.log(
    `  calibration: ${bins.map((bin) => `${bin.confidence.toFixed(2)} → ${bin.right.toFixed(2)} (${bin.count})`).join(', ')}`,
  );
  console.log(
    `  ${'right \\ read as'.padEnd(16)}${TASK_CLASSES.map((found) => found.slice(0, 7).padStart(8)).join('')}`,
  );
  for (const expected of TASK_CLASSES) {
    const cells = TASK_CLASSES.map((found) => String(confusion[expected][found]).padStart(8));
    console.log(`  ${expected.padEnd(16)}${cells.join('')}`);
  }
  console.log('');
}

function printPair(name: string, count: number, result: PairResult) {
  const { by, weakQuality, strongQuality, strongCalls, strongCallsByChance } = result;
  console.log(
    `gain, ${name} (${count} prompts, ${by === 'shipped' ? 'shipped weights' : 'weights that had not seen the subject'})`,
  );
  console.log(`  weak model ${weakQuality.toFixed(3)}, strong model ${strongQuality.toFixed(3)}`);
  console.log(
    `  95 % of the strong model's quality with ${percent(strongCalls)} of calls to it: ${percent(1 - strongCalls)} fewer (by chance ${percent(1 - strongCallsByChance)})\n`,
  );
}

function printMany(name: string, { by, rows, bestSingle, tolerance, saved, quality }: ManyResult) {
  const where = by === 'test' ? 'prompts that are not in the history' : 'the history, in folds';
  console.log(`several models, ${name} (${rows} ${where})`);
  console.log(
    `  best single: ${bestSingle.model}, quality ${bestSingle.quality.toFixed(3)}, $${bestSingle.dollarsPerMillion}`,
  );
  console.log(`  tolerance ${tolerance.toFixed(3)}: ${percent(saved)} saved at ${percent(quality)} of its quality\n`);
}

function pairPicture(name: string, { curve, weakQuality, strongQuality }: PairResult): string {
  const chance = [
    { share: 0, quality: weakQuality },
    { share: 1, quality: strongQuality },
  ];
  const axes = { x: 'calls to the strong model', y: 'quality', from: weakQuality - 0.02, to: strongQuality + 0.02 };
  return linesPicture(`Quality by calls to the strong model, ${name}`, axes, [
    { name: 'by predicted gain', points: curve },
    { name: 'by chance', points: chance, isDashed: true },
  ]);
}

function manyPicture(name: string, { curve }: ManyResult): string {
  const axes = { x: 'cost, of the best single model', y: 'quality, of the best single model', from: 0.8, to: 1.1 };
  const level = [
    { share: 0, quality: 1 },
    { share: 1, quality: 1 },
  ];
  return linesPicture(`Quality by cost, ${name}`, axes, [
    { name: 'routed, by tolerance', points: curve },
    { name: 'best single model', points: level, isDashed: true },
  ]);
}

function draw(name: string, svg: string) {
  writeFileSync(join(DOCS, `${name.replaceAll('_', '-')}.svg`), svg);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
