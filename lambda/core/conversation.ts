import { createHash } from 'node:crypto';
import type { ChatRequest } from './chat-request.ts';

/** Messages that come before what the caller says first. */
const INSTRUCTIONS = new Set(['system', 'developer']);

/**
 * The SHA-256 of what all turns of a conversation begin with: its instructions and its first message. It is also what a
 * provider's prompt cache finds a conversation by.
 */
export function conversationOf({ body }: ChatRequest): string {
  const first = body.messages.findIndex(({ role }) => !INSTRUCTIONS.has(String(role)));
  const opening = first < 0 ? body.messages : body.messages.slice(0, first + 1);
  return createHash('sha256').update(JSON.stringify(opening)).digest('hex');
}

/** True when a model has answered in this conversation before. */
export function isContinued({ body }: ChatRequest): boolean {
  return body.messages.some(({ role }) => role === 'assistant');
}
