import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { errorBody } from '../core/errors.ts';
import { clientClosed, internalFailure, ProviderFailure } from '../core/provider-failure.ts';
import type { StreamWriter } from '../wires/chat-wire.ts';
import type { StreamedAnswer } from '../workflow/attempt.ts';
import type { Lifetime } from './lifetime.ts';

/** How long the end of an answer may wait for its caller to read it. */
const UNREAD_MS = 5_000;

/** Told once how the stream ended, and waited for before the last byte is sent. */
export interface StreamListener {
  /** Answers with the last text to send. */
  finished(): Promise<string>;
  failed(failure: ProviderFailure): Promise<void>;
}

/**
 * The answer as the body of an HTTP response. It ends in one of three ways, each reported once and settled before the
 * last byte: whole, with an error event, or torn by the caller, which cancels the provider's stream too.
 */
export function streamBody(
  answer: StreamedAnswer,
  writer: StreamWriter,
  lifetime: Lifetime,
  listener: StreamListener,
): { body: Readable; ended: Promise<void> } {
  const output = new PassThrough();
  let isOver = false;
  output.on('error', () => {});
  output.once('close', () => {
    if (!isOver) lifetime.hangUp();
  });

  async function relay(): Promise<string> {
    try {
      for await (const batch of answer.batches) {
        const text = batch.map(writer.chunk).join('');
        if (text !== '' && !output.write(text)) await once(output, 'drain', { signal: lifetime.caller });
        if (lifetime.caller.aborted) throw lifetime.caller.reason;
      }
      return await listener.finished();
    } catch (thrown) {
      const failure = failureOf(thrown, lifetime);
      await listener.failed(failure);
      return writer.error(errorBody(failure.error));
    }
  }

  const ended = relay().then((lastText) => {
    isOver = true;
    lifetime.end();
    if (output.destroyed) return;
    output.end(lastText);
    // A caller who does not read keeps nothing open beyond this.
    const timer = setTimeout(() => output.destroy(), UNREAD_MS);
    output.once('close', () => clearTimeout(timer));
  });
  return { body: output, ended };
}

function failureOf(thrown: unknown, lifetime: Lifetime): ProviderFailure {
  if (thrown instanceof ProviderFailure) return thrown;
  if (lifetime.caller.aborted) {
    return lifetime.caller.reason instanceof ProviderFailure ? lifetime.caller.reason : clientClosed();
  }
  return internalFailure(thrown);
}
