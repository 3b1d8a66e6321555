import { readFile } from 'node:fs/promises';
import type { PromptModel } from '../core/routing/prompt-model.ts';

/** The file lies beside this one; in a deployed function, beside the bundle (`lib/functions.ts` puts it there). */
const FILE = new URL('./prompt-model.bin', import.meta.url);

let loading: Promise<PromptModel> | undefined;

/** The prompt model, read from its file the first time it is needed in this process. */
export function loadPromptModel(): Promise<PromptModel> {
  loading ??= read();
  // A file that could not be read is tried again, next time.
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

async function read(): Promise<PromptModel> {
  const { parsePromptModel } = await import('../core/routing/prompt-model.ts');
  return parsePromptModel(await readFile(FILE));
}
