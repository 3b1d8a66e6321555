/** Prints what lookups cost as JSON: an embedder started, 10,000 entries, then prompts one after the other. */
import { readdirSync, readFileSync } from 'node:fs';
import { decide } from '../../lambda/core/semantic/decide.ts';
import { nearestOf } from '../../lambda/core/semantic/nearest.ts';
import { OPERATING_POINTS } from '../../lambda/core/semantic/operating-points.ts';
import { analyse } from '../../lambda/core/semantic/prompt.ts';
import { sentenceEncoder } from '../../lambda/embedding/sentence-encoder.ts';
import { groupsIn } from './sets.ts';
import { CANDIDATES } from './stream.ts';

const ENTRIES = 10_000;
const LOOKUPS = 300;
/** Different ones: more would only take longer to embed before it begins. */
const TEXTS = 2_000;

const folder = new URL('training/', import.meta.url);
const texts = readdirSync(folder)
  .sort()
  .flatMap((file) => groupsIn(readFileSync(new URL(file, folder), 'utf8')))
  .flatMap(({ equal, misses }) => [...equal, ...misses])
  .filter((text) => text.length <= 300)
  .slice(0, TEXTS);

const startedAt = performance.now();
const encoder = await sentenceEncoder();
await encoder.embed('How far is it to the moon?');
const startMs = performance.now() - startedAt;

const vectors = new Map<string, Float32Array>();
for (const text of texts) if (!vectors.has(text)) vectors.set(text, await encoder.embed(text));
const entries = Array.from({ length: ENTRIES }, (_, index) => {
  const text = texts[index % texts.length] ?? '';
  return { text, vector: Float32Array.from(vectors.get(text) ?? []) };
});

const times: number[] = [];
for (let index = 0; index < LOOKUPS; index++) {
  const asked = `${texts[(index * 37) % texts.length]} Please be brief.`;
  const from = performance.now();
  const near = nearestOf(await encoder.embed(asked), entries, CANDIDATES);
  const candidates = near.map(({ entry, likeness }) => ({
    fingerprint: entry.text,
    prompt: analyse(entry.text),
    likeness,
  }));
  decide(analyse(asked), candidates, OPERATING_POINTS.default);
  times.push(performance.now() - from);
}
times.sort((one, other) => one - other);
const at = (share: number) => times[Math.floor(share * times.length)];
console.log(
  JSON.stringify({
    entries: ENTRIES,
    startMs,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    memoryMegabytes: process.memoryUsage().rss / 1e6,
  }),
);
