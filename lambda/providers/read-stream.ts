import type { Readable } from 'node:stream';
import { createParser } from 'eventsource-parser';
import type { JsonObject } from '../core/json-body.ts';
import { invalidAnswer } from '../core/provider-failure.ts';
import { followChunk, isComplete, type StreamProgress } from '../core/stream-progress.ts';

/** One piece of a provider's stream: its JSON text, to be relayed as it is, and the same parsed. */
export interface StreamChunk {
  text: string;
  parsed: JsonObject;
}

interface StreamLimits {
  streamBytes: number;
  streamEventBytes: number;
}

interface Waiting {
  /** Called before and after each wait for the provider. */
  wait(): void;
  arrived(): void;
}

/** A provider that keeps its connection open after the last event gets this long to close it before we do. */
const LINGER_MS = 1_000;

/**
 * The chunks of an OpenAI-shaped event stream, one batch for each piece of network data that completes any, moving
 * `progress` on. Ends only when every choice has; throws a failure when the stream is cut, malformed, too large, or
 * reports an error, after the good chunks before that point have been given out.
 */
export async function* readStream(
  body: Readable,
  progress: StreamProgress,
  limits: StreamLimits,
  waiting: Waiting,
): AsyncGenerator<StreamChunk[]> {
  const events = eventReader(limits);
  const pieces = body.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    while (!events.isDone()) {
      waiting.wait();
      const piece = await nextPiece(pieces, progress);
      const { chunks, flaw } = takeChunks(piece ? events.read(piece) : events.finish(), progress);
      if (chunks.length > 0) {
        waiting.arrived();
        yield chunks;
      }
      if (flaw !== undefined) throw invalidAnswer(flaw);
      if (piece === undefined) break;
    }
    if (!isComplete(progress)) throw invalidAnswer('the stream ended before the answer did');
  } finally {
    waiting.arrived();
    if (events.isDone() && isComplete(progress)) releaseConnection(body);
    else body.destroy();
  }
}

/** The next piece, or undefined at the end. A connection that breaks after the last word has cut nothing. */
async function nextPiece(pieces: AsyncIterator<Buffer>, progress: StreamProgress): Promise<Buffer | undefined> {
  try {
    const { value, done } = await pieces.next();
    return done ? undefined : value;
  } catch (cause) {
    if (isComplete(progress)) return undefined;
    throw cause;
  }
}

function takeChunks(texts: string[], progress: StreamProgress): { chunks: StreamChunk[]; flaw?: string } {
  const chunks: StreamChunk[] = [];
  for (const text of texts) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return { chunks, flaw: 'a chunk is not valid JSON' };
    }
    const flaw = followChunk(progress, parsed);
    if (flaw !== undefined) return { chunks, flaw };
    chunks.push({ text, parsed: parsed as JsonObject });
  }
  return { chunks };
}

/** Bytes in, the `data` of each complete event out, up to `[DONE]`. */
function eventReader(limits: StreamLimits) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let texts: string[] = [];
  let bytes = 0;
  let done = false;
  const parser = createParser({
    maxBufferSize: limits.streamEventBytes,
    onEvent({ data }) {
      if (data === '[DONE]') done = true;
      else if (!done && data !== '') texts.push(data);
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw invalidAnswer('an event is too large', error);
    },
  });

  function feed(decode: () => string): string[] {
    try {
      parser.feed(decode());
    } catch (cause) {
      if (cause instanceof TypeError) throw invalidAnswer('the stream is no UTF-8 text', cause);
      throw cause;
    }
    const taken = texts;
    texts = [];
    return taken;
  }

  return {
    isDone: () => done,
    read(piece: Buffer): string[] {
      bytes += piece.length;
      if (bytes > limits.streamBytes) throw invalidAnswer('the stream is too large');
      return feed(() => decoder.decode(piece, { stream: true }));
    },
    /** The stream has ended; an event that lacks only its closing blank line still counts. */
    finish: (): string[] => feed(() => `${decoder.decode()}\n\n`),
  };
}

/** Lets the connection go back to its pool once the provider ends it, or closes it when the provider lingers. */
function releaseConnection(body: Readable): void {
  if (body.readableEnded || body.destroyed) return;
  const timer = setTimeout(() => body.destroy(), LINGER_MS);
  timer.unref();
  body.once('close', () => clearTimeout(timer));
  body.on('error', () => {});
  body.resume();
}
