/**
 * `npm run bench -- semantic [file or folder] [--picture <file.svg>]`: how many prompts the semantic cache serves rightly and wrongly, on
 * the sets of a folder or, without one, on the held-out groups of this repository. bench/semantic/sets.ts has the formats.
 */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATING_POINTS, type SemanticMode } from '../lambda/core/semantic/operating-points.ts';
import { type Curve, curvesPicture } from './semantic/curve.ts';
import { embedAll } from './semantic/embedded.ts';
import { Judge } from './semantic/judged.ts';
import { measureLookups } from './semantic/lookups.ts';
import { type Replay, replay } from './semantic/replay.ts';
import { type Pair, type Request, readSet, type TestSet } from './semantic/sets.ts';
import { type Found, foundIn, idealShare, nearest } from './semantic/stream.ts';

const MODES = Object.keys(OPERATING_POINTS) as SemanticMode[];
const COSINES = [0.75, 0.85, 0.9, 0.95];
const REPLAYS = 20;
const NEIGHBOURS = 64;

const args = process.argv.slice(3);
const pictureAt = args.indexOf('--picture');
const picture = pictureAt === -1 ? undefined : args[pictureAt + 1];
const [given] = args.filter((_, index) => pictureAt === -1 || (index !== pictureAt && index !== pictureAt + 1));

const sets = filesOf(given ?? join(import.meta.dirname, 'semantic')).map(readSet);
const judge = new Judge(await embedAll(sets.flatMap(textsOf)));
const pictures: { title: string; curves: Curve[]; most: number }[] = [];

for (const set of sets) {
  if ('pairs' in set) pairsTable(set.name, set.pairs);
  else streamTable(set.name, set.stream);
}
await lookupsTable();
if (picture !== undefined) writeFileSync(picture, curvesPicture(pictures));

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(?:jsonl|txt)$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

function textsOf(set: TestSet): string[] {
  return 'pairs' in set ? set.pairs.flatMap(({ a, b }) => [a, b]) : set.stream.map(({ prompt }) => prompt);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

function pairsTable(name: string, pairs: readonly Pair[]): void {
  const same = pairs.filter(({ isSame }) => isSame).length;
  const other = pairs.length - same;
  const likeness = pairs.map(({ a, b }) => judge.candidate(a, b, '').likeness);
  console.log(`\n${name}: ${same} pairs that one answer serves, ${other} that it does not`);
  console.log('| policy | wrongly served | rightly served |\n|---|---|---|');
  for (const least of COSINES) {
    const served = pairs.filter((_, index) => (likeness[index] ?? 0) >= least);
    row(`cosine ${least}`, served, other, same);
  }
  for (const mode of MODES) {
    const served = pairs.filter(({ a, b }) => judge.decide(a, b, OPERATING_POINTS[mode]).verdict === 'serve');
    row(mode, served, other, same);
    if (mode === 'default') kindsRow(pairs, served);
  }
  const scores = pairs.map(({ a, b }) => judge.decide(a, b, OPERATING_POINTS.default).score ?? 0);
  pictures.push({
    title: name,
    most: 0.25,
    curves: [curveOf('default mode, by score', scores, pairs), curveOf('cosine', likeness, pairs)],
  });
}

function row(policy: string, served: readonly Pair[], other: number, same: number): void {
  const wrong = served.filter(({ isSame }) => !isSame).length;
  console.log(`| ${policy} | ${wrong} (${percent(wrong, other)}) | ${percent(served.length - wrong, same)} |`);
}

/** Where a set names kinds, how each of them fares. */
function kindsRow(pairs: readonly Pair[], served: readonly Pair[]): void {
  const kinds = [...new Set(pairs.map(({ kind }) => kind))];
  if (kinds.length < 2) return;
  for (const kind of kinds) {
    const of = (list: readonly Pair[], isSame: boolean) =>
      list.filter((pair) => pair.kind === kind && pair.isSame === isSame).length;
    const wrong = `${of(served, false)} of ${of(pairs, false)}`;
    console.log(`| - ${kind} | ${wrong} | ${of(served, true)} of ${of(pairs, true)} |`);
  }
}

function curveOf(name: string, scores: readonly number[], pairs: readonly Pair[]): Curve {
  const [same, other] = [true, false].map((isSame) => pairs.filter((pair) => pair.isSame === isSame).length) as [
    number,
    number,
  ];
  const points = Array.from({ length: 101 }, (_, step) => 1 - step / 100).map((least) => {
    const served = pairs.filter((_, index) => (scores[index] ?? 0) >= Math.max(least, 1e-6));
    const right = served.filter(({ isSame }) => isSame).length;
    return { hits: right / Math.max(1, same), wrong: (served.length - right) / Math.max(1, other) };
  });
  return { name, points };
}

function streamTable(name: string, stream: readonly Request[]): void {
  const ideal = idealShare(stream) * stream.length;
  const found = foundIn(stream, judge, OPERATING_POINTS.default);
  console.log(`\n${name}: ${stream.length} requests, ideal hits ${percent(ideal, stream.length)}`);
  console.log(
    '| policy | wrong per request at most | right hits, of ideal | of all requests | threshold |\n|---|---|---|---|---|',
  );
  const byLikeness = found.map(({ likeness, isLikestRight }) => ({ value: likeness, isRight: isLikestRight }));
  const byScore = found.map(({ decision, isRight }) => ({ value: decision.score ?? 0, isRight }));
  for (const limit of [0.005, 0.01, 0.02, 0.03]) {
    limitRow('cosine', byLikeness, limit, ideal);
    limitRow('default mode, by score', byScore, limit, ideal);
  }
  for (const mode of MODES)
    modeRow(mode, mode === 'default' ? found : foundIn(stream, judge, OPERATING_POINTS[mode]), ideal);
  pictures.push({
    title: name,
    most: 0.05,
    curves: [streamCurve('default mode, by score', byScore, ideal), streamCurve('cosine', byLikeness, ideal)],
  });
  controllerTable(stream);
}

type Ranked = { value: number; isRight: boolean };

/** The points reached as the threshold falls. */
function falling(ranked: readonly Ranked[]): { value: number; right: number; wrong: number }[] {
  let [right, wrong] = [0, 0];
  return ranked
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value)
    .map(({ value, isRight }) => {
      if (isRight) right++;
      else wrong++;
      return { value, right, wrong };
    });
}

function limitRow(policy: string, ranked: readonly Ranked[], limit: number, ideal: number): void {
  const reached = falling(ranked).findLast(({ wrong }) => wrong / ranked.length <= limit);
  const { right = 0, value = 1 } = reached ?? {};
  console.log(
    `| ${policy} | ${100 * limit} % | ${percent(right, ideal)} | ${percent(right, ranked.length)} | ${value.toFixed(3)} |`,
  );
}

function modeRow(mode: SemanticMode, found: readonly Found[], ideal: number): void {
  const served = found.filter(({ decision }) => decision.verdict === 'serve');
  const right = served.filter(({ isRight }) => isRight).length;
  const wrong = served.length - right;
  console.log(
    `| ${mode} as shipped | ${percent(wrong, found.length)}, ${percent(wrong, served.length)} of the hits | ${percent(right, ideal)} | ${percent(right, found.length)} | ${OPERATING_POINTS[mode].servesFrom} |`,
  );
}

function streamCurve(name: string, ranked: readonly Ranked[], ideal: number): Curve {
  const points = falling(ranked).filter((_, index) => index % 10 === 0);
  return { name, points: points.map(({ right, wrong }) => ({ hits: right / ideal, wrong: wrong / ranked.length })) };
}

function controllerTable(stream: readonly Request[]): void {
  const neighbours = nearest(stream, judge, NEIGHBOURS);
  console.log(`\nerror controller, ${REPLAYS} replays in random orders`);
  console.log(
    '| second looks at most | largest share of wrong hits | mean | worst | hits | looks |\n|---|---|---|---|---|---|',
  );
  for (const shareOfQuestions of [0.01, 0.1, 1]) {
    for (const largestShare of [0.03, 0.05, 0.1]) controllerRow(stream, neighbours, { largestShare, shareOfQuestions });
  }
}

function controllerRow(
  stream: readonly Request[],
  neighbours: readonly (readonly number[])[],
  stated: { largestShare: number; shareOfQuestions: number },
): void {
  const replays = Array.from({ length: REPLAYS }, (_, seed) =>
    replay(stream, neighbours, judge, OPERATING_POINTS.default, stated, seed + 1),
  );
  const wrongShare = ({ wrong, hits }: Replay) => wrong / Math.max(1, hits);
  const mean = (of: (one: Replay) => number) => replays.reduce((sum, one) => sum + of(one), 0) / REPLAYS;
  const worst = replays.reduce((before, one) => (wrongShare(one) > wrongShare(before) ? one : before));
  const { largestShare, shareOfQuestions } = stated;
  const cells = [
    percent(shareOfQuestions, 1),
    percent(largestShare, 1),
    percent(mean(wrongShare), 1),
    `${percent(wrongShare(worst), 1)} (${worst.wrong} of ${worst.hits})`,
    percent(
      mean(({ hits, requests }) => hits / requests),
      1,
    ),
    percent(Math.max(...replays.map(({ checked, requests }) => checked / requests)), 1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function lookupsTable(): Promise<void> {
  const { entries, startMs, p50Ms, p95Ms, memoryMegabytes } = await measureLookups();
  console.log(`\nlookup in process, ${entries} entries: embed, scan, decide`);
  console.log('| start | p50 | p95 | memory of the process |\n|---|---|---|---|');
  console.log(
    `| ${startMs.toFixed(0)} ms | ${p50Ms.toFixed(1)} ms | ${p95Ms.toFixed(1)} ms | ${memoryMegabytes.toFixed(0)} MB |`,
  );
}
