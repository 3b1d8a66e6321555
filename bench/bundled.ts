import { join } from 'node:path';
import { bundleHandler } from '../lib/bundling.ts';

/** Bundles an entry into a folder, as it is deployed; its file, and the kilobytes that a cold start loads: the entry and what it imports at once. */
export function bundled(entry: string, folder: string, name: string): { file: string; kilobytes: number } {
  const { outputs } = bundleHandler(entry, join(folder, name));
  const file = Object.keys(outputs).find((output) => output.endsWith(`${name}/index.mjs`)) as string;
  const loaded = new Set([file]);
  for (const output of loaded) {
    for (const { path, kind } of outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && path in outputs) loaded.add(path);
    }
  }
  const bytes = [...loaded].reduce((sum, output) => sum + (outputs[output]?.bytes ?? 0), 0);
  return { file: join(process.cwd(), file), kilobytes: bytes / 1_024 };
}
