import type { Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { overdueAnswer, oversizedAnswer } from '../core/provider-failure.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import { type Answer, type AttemptPorts, attempt } from './attempt.ts';

/**
 * Asks one provider once for a stream, and comes back when it is whole, to be given out at once. Throws what breaks it:
 * nothing has been shown yet, so another model may answer in its place. It may take `limitMs` up to its end, and be as large
 * as a whole answer.
 */
export async function attemptHeld(
  ports: AttemptPorts,
  request: ChatRequest,
  step: Step,
  limitMs: number,
  signal: AbortSignal,
  onSend: () => void,
): Promise<Answer> {
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(overdueAnswer()), limitMs);
  try {
    const answer = await attempt(ports, request, step, limitMs, AbortSignal.any([signal, overdue.signal]), onSend);
    if (answer.kind === 'complete') return answer;
    const held = await whole(answer.batches, ports.configuration.sizeLimits.answerBytes);
    return { kind: 'stream', progress: answer.progress, batches: givenOut(held) };
  } finally {
    clearTimeout(timer);
  }
}

/** What a chunk takes in memory beside its text. */
const CHARACTERS_PER_CHUNK = 500;

async function whole(batches: AsyncGenerator<StreamChunk[]>, maximumCharacters: number): Promise<StreamChunk[][]> {
  const held: StreamChunk[][] = [];
  let characters = 0;
  for await (const batch of batches) {
    for (const { text } of batch) characters += text.length + CHARACTERS_PER_CHUNK;
    if (characters > maximumCharacters) throw oversizedAnswer('it');
    held.push(batch);
  }
  return held;
}

async function* givenOut(held: StreamChunk[][]): AsyncGenerator<StreamChunk[]> {
  yield* held;
}
