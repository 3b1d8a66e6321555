import { stderr, stdin } from 'node:process';
import { text } from 'node:stream/consumers';

const BACKSPACE = new Set(['\b', '\u007f']);
const ENDS = new Set(['\r', '\n', '\u0004']);
const INTERRUPT = '\u0003';

/** One line from a pipe, or typed without being shown. Throws when it is interrupted. */
export async function hiddenInput(prompt: string): Promise<string> {
  if (!stdin.isTTY) return (await text(stdin)).trim();
  stderr.write(prompt);
  stdin.setRawMode(true);
  try {
    return (await typedLine()).trim();
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function typedLine(): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = '';
    stdin.setEncoding('utf8');
    stdin.on('data', (piece: string) => {
      for (const character of piece) {
        if (character === INTERRUPT) return reject(new Error('Nothing was changed.'));
        if (ENDS.has(character)) return resolve(line);
        line = BACKSPACE.has(character) ? line.slice(0, -1) : line + character;
      }
    });
    stdin.once('end', () => resolve(line));
  });
}
