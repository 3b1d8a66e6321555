import type { Readable } from 'node:stream';
import { createParser } from 'eventsource-parser';
import { invalidAnswer, oversizedAnswer } from '../core/provider-failure.ts';
import { followChunk, isComplete, type StreamProgress } from '../core/stream-progress.ts';
import type { StreamChunk, WireEvent } from './provider-wire.ts';

type ReadEvent = (data: string) => WireEvent;

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
 * The chunks of an event stream, as `readEvent` understands it, one batch for each piece of network data that completes
 * any, moving `progress` on. Ends only when every choice has; throws a failure when the stream is cut, malformed, too large, or
 * reports an error, after the good chunks before that point have been given out.
 */
export async function* readStream(
  body: Readable,
  readEvent: ReadEvent,
  progress: StreamProgress,
  limits: StreamLimits,
  waiting: Waiting,
): AsyncGenerator<StreamChunk[]> {
  const events = eventReader(readEvent, limits);
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

/** The chunks up to the first that cannot be part of a good stream. */
function takeChunks(
  { chunks, isMalformed }: ChunksRead,
  progress: StreamProgress,
): { chunks: StreamChunk[]; flaw?: string } {
  for (const [index, { parsed }] of chunks.entries()) {
    const flaw = followChunk(progress, parsed);
    if (flaw !== undefined) return { chunks: chunks.slice(0, index), flaw };
  }
  return isMalformed ? { chunks, flaw: 'a chunk is not valid JSON' } : { chunks };
}

interface ChunksRead {
  chunks: StreamChunk[];
  /** What followed them was no JSON. */
  isMalformed: boolean;
}

/** Bytes in, the chunks of each complete event out, up to the last. */
function eventReader(readEvent: ReadEvent, limits: StreamLimits) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let read: ChunksRead = { chunks: [], isMalformed: false };
  let bytes = 0;
  let done = false;
  const parser = createParser({
    maxBufferSize: limits.streamEventBytes,
    onEvent({ data }) {
      if (done || read.isMalformed) return;
      try {
        const { chunks, isLast } = readEvent(data);
        read.chunks.push(...chunks);
        done = isLast;
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        read.isMalformed = true;
      }
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw oversizedAnswer('an event', error);
    },
  });

  function feed(decode: () => string): ChunksRead {
    try {
      parser.feed(decode());
    } catch (cause) {
      if (cause instanceof TypeError) throw invalidAnswer('the stream is no UTF-8 text', cause);
      throw cause;
    }
    const taken = read;
    read = { chunks: [], isMalformed: false };
    return taken;
  }

  return {
    isDone: () => done,
    read(piece: Buffer): ChunksRead {
      bytes += piece.length;
      if (bytes > limits.streamBytes) throw oversizedAnswer('the stream');
      return feed(() => decoder.decode(piece, { stream: true }));
    },
    /** The stream has ended; an event that lacks only its closing blank line still counts. */
    finish: (): ChunksRead => feed(() => `${decoder.decode()}\n\n`),
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
