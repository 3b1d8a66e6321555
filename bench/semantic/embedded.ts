import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sentenceEncoder } from '../../lambda/embedding/sentence-encoder.ts';

const CACHE = join(tmpdir(), 'headgate-bench', 'use-lite-512.json');

/** The vectors of texts, kept in a file of the temporary folder between runs. */
export async function embedAll(texts: Iterable<string>): Promise<Map<string, Float32Array>> {
  const kept = new Map<string, Float32Array>();
  if (existsSync(CACHE)) {
    for (const line of readFileSync(CACHE, 'utf8').split('\n')) {
      if (line === '') continue;
      const [text, vector] = JSON.parse(line) as [string, string];
      kept.set(text, new Float32Array(new Uint8Array(Buffer.from(vector, 'base64')).buffer));
    }
  }
  const missing = [...new Set(texts)].filter((text) => !kept.has(text));
  if (missing.length === 0) return kept;
  const encoder = await sentenceEncoder();
  const added: string[] = [];
  for (const text of missing) {
    const vector = await encoder.embed(text);
    kept.set(text, vector);
    added.push(JSON.stringify([text, Buffer.from(vector.buffer).toString('base64')]));
    if (added.length % 1_000 === 0) console.error(`${added.length} of ${missing.length} prompts embedded`);
  }
  mkdirSync(dirname(CACHE), { recursive: true });
  writeFileSync(CACHE, `${added.join('\n')}\n`, { flag: 'a' });
  return kept;
}
