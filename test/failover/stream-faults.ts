import { ending, textOf, USAGE, usageChunk, words, wordsOf } from './answers.ts';
import type { Fault } from './fault.ts';
import { type FaultWire, STREAM_HEADERS } from './fault-wire.ts';

const MEGABYTE = 1_048_576;

/** Words that are out before a stream goes wrong. */
const WORDS_BEFORE = 5;

const BROKEN = {
  nature: 'breaks',
  onlyFor: 'stream',
  caller: 'the words so far, then an error as the last event; no [DONE] and no ending',
  provider: 'one call',
  maximumCalls: 1,
} as const;

const WHOLE_STREAM = {
  nature: 'harmless',
  onlyFor: 'stream',
  caller: 'the answer, unchanged',
  provider: 'one call',
} as const;

/** A stream that is good for some words, and what follows them. */
const afterWords = (next: (wire: FaultWire) => Promise<void> | void) => async (wire: FaultWire) => {
  await wire.startStream();
  await wire.say(0, WORDS_BEFORE);
  await next(wire);
};

/** The good stream with CRLF, a BOM and comments, in pieces of seven bytes. */
async function inSmallPieces(wire: FaultWire): Promise<void> {
  const events = wordsOf(wire.speaker).map((word, index) => words(wire.model, index === 0 ? word : ` ${word}`));
  const all = [...events, ending(wire.model), usageChunk(wire.model), '[DONE]'];
  const bytes = Buffer.from(`\uFEFF: héllo 🌊\r\n\r\n${all.map((data) => `data: ${data}\r\n\r\n`).join('')}`);
  await wire.startStream();
  for (let at = 0; at < bytes.length; at += 7) {
    await wire.piece(bytes.subarray(at, at + 7));
    if (at % 700 === 0) await wire.pause(1);
  }
  await wire.endPieces();
}

const PADDING = 'x'.repeat(2_000_000);

/** The good answer in one event, with 2 MB of padding beside it. */
async function inOneEvent(wire: FaultWire): Promise<void> {
  const event = words(wire.model, textOf(wire.speaker));
  await wire.startStream();
  await wire.event(`{"padding":"${PADDING}",${event.slice(1)}`);
  await wire.finish();
}

/** Faults that only a stream can have. */
export const STREAM_FAULTS: readonly Fault[] = [
  {
    id: 'reset-midway',
    title: 'connection reset after some words',
    ...BROKEN,
    play: afterWords(async (wire) => {
      // What is on its way when a connection is reset is lost: this lets the words arrive.
      await wire.pause(100);
      wire.reset();
    }),
  },
  {
    id: 'eof-midway',
    title: 'proper end of the body after some words, without an ending',
    ...BROKEN,
    play: afterWords((wire) => wire.endPieces()),
  },
  {
    id: 'done-midway',
    title: '[DONE] after some words, without an ending',
    ...BROKEN,
    play: afterWords(async (wire) => {
      await wire.event('[DONE]');
      await wire.endPieces();
    }),
  },
  {
    id: 'error-midway',
    title: 'an error event after some words, then a proper end',
    ...BROKEN,
    play: afterWords(async (wire) => {
      await wire.event('{"error":{"message":"overloaded","type":"server_error","code":null,"param":null}}');
      await wire.finish();
    }),
  },
  {
    id: 'shape-midway',
    title: 'a chunk of another shape after some words, then the rest',
    ...BROKEN,
    play: afterWords(async (wire) => {
      await wire.event('{"hello":"world"}');
      await wire.say(WORDS_BEFORE);
      await wire.finish();
    }),
  },
  {
    id: 'endless-event-midway',
    title: 'an event that never ends after some words',
    ...BROKEN,
    isMemoryBound: true,
    mostSentBytes: 32 * MEGABYTE,
    play: afterWords(async (wire) => {
      const megabyte = Buffer.alloc(MEGABYTE, 'x');
      await wire.piece('data: ');
      while (wire.isOpen) await wire.piece(megabyte);
    }),
  },
  {
    id: 'endless-words',
    title: 'words without end, each in time',
    ...BROKEN,
    caller: 'the words so far, then an error as the last event, by the deadline',
    play: afterWords(async (wire) => {
      while (wire.isOpen) {
        await wire.event(words(wire.model, ' more'));
        await wire.pause(wire.times.dripMs);
      }
    }),
  },
  {
    id: 'endless-nothing',
    title: 'chunks without words, without end',
    nature: 'lasts',
    onlyFor: 'stream',
    isMemoryBound: true,
    caller: "the fallback's answer; without one a 502",
    provider: 'at most 4 calls',
    statuses: [502],
    async play(wire) {
      await wire.startStream();
      while (wire.isOpen) await wire.event('{"choices":[]}');
    },
  },
  {
    id: 'early-stall',
    title: 'events without words, then silence',
    nature: 'lasts',
    onlyFor: 'stream',
    caller: "the fallback's answer; without one a 504",
    provider: 'one call, whose connection is closed when it is given up',
    statuses: [504],
    wantsNoRetry: true,
    async play(wire) {
      await wire.startStream();
      await wire.event(words(wire.model, ''));
      await wire.pause(wire.times.silenceMs);
      wire.hangUp();
    },
  },
  { id: 'odd-bytes', title: 'CRLF, a BOM, comments, characters cut in two', ...WHOLE_STREAM, play: inSmallPieces },
  { id: 'large-event', title: 'one event of 2 MB', ...WHOLE_STREAM, play: inOneEvent },
  {
    id: 'open-after-done',
    title: 'a complete stream whose connection stays open after [DONE]',
    ...WHOLE_STREAM,
    caller: 'the answer, without waiting for the connection',
    withinMs: () => 2_000,
    async play(wire) {
      await wire.head(200, STREAM_HEADERS);
      for (const data of [
        words(wire.model, textOf(wire.speaker)),
        ending(wire.model),
        usageChunk(wire.model, USAGE),
        '[DONE]',
      ]) {
        await wire.send(`data: ${data}\n\n`);
      }
    },
  },
];
