import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Lookups {
  entries: number;
  startMs: number;
  p50Ms: number;
  p95Ms: number;
  memoryMegabytes: number;
}

/** Measures lookups in a process of their own, so that its memory is theirs. Throws when that process fails. */
export async function measureLookups(): Promise<Lookups> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('lookup-process.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (piece) => {
    output += piece;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`The lookups ended with ${code}.`);
  return JSON.parse(output) as Lookups;
}
