import { createHash } from 'node:crypto';
import type { ChatRequest } from './chat-request.ts';

/** Messages that come before what the caller says first. */
const INSTRUCTIONS = new Set(['system', 'developer']);

/**
 * The SHA-256 of the model asked for and of what all turns of a conversation begin with: its instructions and its first
 * message. By those a provider's prompt cache finds a conversation, too.
 */
export function conversationOf({ model, body }: ChatRequest): string {
  const first = body.messages.findIndex(({ role }) => !INSTRUCTIONS.has(String(role)));
  const opening = first < 0 ? body.messages : body.messages.slice(0, first + 1);
  return createHash('sha256')
    .update(JSON.stringify([model ?? null, opening]))
    .digest('hex');
}

/**
 * The SHA-256 of all that a request asks, to know it again when its answer is wanted anew. Undefined for a first turn that
 * names no end user: two people may ask the same.
 */
export function turnOf(request: ChatRequest): string | undefined {
  const { user } = request.options;
  if (user === undefined && !isContinued(request)) return undefined;
  return createHash('sha256')
    .update(JSON.stringify([user ?? null, request.body.messages]))
    .digest('hex');
}

/** True when a model has answered in this conversation before. */
export function isContinued({ body }: ChatRequest): boolean {
  return body.messages.some(({ role }) => role === 'assistant');
}
