import type { JsonObject } from '../json-body.ts';
import { isJsonObject } from '../json-body.ts';

/** What a conversation asks for now. */
export interface Task {
  /** The last thing the caller said. */
  prompt: string;
  /** What the model is told beforehand. */
  system: string;
  /** The caller's turns so far, this one included. */
  turns: number;
  /** What the caller said before it; empty at the start. */
  previous: string;
}

/** The task of these messages: the caller's last message, with what it stands in. */
export function taskOf(messages: readonly JsonObject[]): Task {
  const said = messages.flatMap(({ role, content }) => (role === 'user' ? [textOf(content)] : []));
  const told = messages.flatMap(({ role, content }) =>
    role === 'system' || role === 'developer' ? [textOf(content)] : [],
  );
  return { prompt: said.at(-1) ?? '', system: told.join('\n'), turns: said.length, previous: said.at(-2) ?? '' };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.flatMap((part) => (isJsonObject(part) && typeof part.text === 'string' ? [part.text] : [])).join('\n');
}
