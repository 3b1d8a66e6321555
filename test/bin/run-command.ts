import { spawn } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../../bin');

export interface Ran {
  code: number | null;
  output: string;
}

/** Runs a command of `bin/` to its end, with nothing of our own environment but the path. */
export function runCommand(
  file: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): Promise<Ran> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [join(BIN, file), ...parameters], { env: { PATH, ...environment } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      output += piece;
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
