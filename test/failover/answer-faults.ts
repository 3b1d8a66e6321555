import { gzipSync } from 'node:zlib';
import { completion, textOf } from './answers.ts';
import type { Fault } from './fault.ts';
import { type FaultWire, JSON_HEADERS, STREAM_HEADERS } from './fault-wire.ts';

const MEGABYTE = 1_048_576;

/** 64 MB in 64 KB. */
const BOMB = gzipSync(Buffer.alloc(64 * MEGABYTE, 'x'));

/** The status of an answer that is none. */
const UNUSABLE = [502];

const INVALID = {
  nature: 'lasts',
  caller: "the fallback's answer; without one a 502",
  provider: 'at most 4 calls',
  statuses: UNUSABLE,
} as const;

const SILENT = {
  nature: 'lasts',
  caller: "the fallback's answer; without one a 504",
  provider: 'one call, whose connection is closed when it is given up',
  statuses: [504],
  wantsNoRetry: true,
} as const;

const HARMLESS = { nature: 'harmless', provider: 'one call' } as const;

const headersFor = (wire: FaultWire) => (wire.isStream ? STREAM_HEADERS : JSON_HEADERS);

/** A body that is an event in a stream, and all there is in a whole answer. */
const says = (text: string) => (wire: FaultWire) =>
  wire.whole(200, headersFor(wire), wire.isStream ? `data: ${text}\n\ndata: [DONE]\n\n` : text);

const withUsage = (usage: object | null) => (wire: FaultWire) => wire.answer({}, usage);

/** Sends the bytes one at a time and then spaces, until the gateway has had enough. */
async function drip(wire: FaultWire, text: string): Promise<void> {
  for (let at = 0; wire.isOpen; at += 1) {
    await wire.send(text[at] ?? ' ');
    await wire.pause(wire.times.dripMs);
  }
}

/** Sends so many megabytes, as fast as the gateway takes them. */
async function flood(wire: FaultWire, megabytes: number): Promise<void> {
  const megabyte = Buffer.alloc(MEGABYTE, 'x');
  for (let count = 0; count < megabytes && wire.isOpen; count += 1) await wire.send(megabyte);
}

/** A stream of one thing that is begun and never ends. */
function endless(opening: string): Fault['play'] {
  return async (wire) => {
    await wire.head(200, STREAM_HEADERS);
    await wire.send(opening);
    await flood(wire, Number.POSITIVE_INFINITY);
  };
}

/** Faults before or in place of an answer, and those that leave it good. */
export const ANSWER_FAULTS: readonly Fault[] = [
  { id: 'reset', title: 'connection reset before any byte, every time', ...INVALID, play: (wire) => wire.reset() },
  { id: 'eof', title: 'connection closed before any byte, every time', ...INVALID, play: (wire) => wire.hangUp() },
  {
    id: 'short-body',
    title: 'a whole answer in fewer bytes than announced',
    ...INVALID,
    async play(wire) {
      const body = wire.isStream ? 'data: {"choices":[]}\n\n' : completion(wire.model, textOf(wire.speaker));
      await wire.head(200, { ...headersFor(wire), 'content-length': String(body.length + 1_000) });
      await wire.send(body);
      wire.hangUp();
    },
  },
  { id: 'empty-200', title: '200 without a body', ...INVALID, play: (wire) => wire.whole(200, headersFor(wire)) },
  {
    id: 'html-200',
    title: '200 with a web page',
    ...INVALID,
    play: (wire) => wire.whole(200, { 'content-type': 'text/html' }, '<html><body>It works!</body></html>'),
  },
  {
    id: 'html-as-answer',
    title: '200 with a web page under the right content-type',
    ...INVALID,
    play: (wire) => wire.whole(200, headersFor(wire), '<html><body>It works!</body></html>'),
  },
  { id: 'malformed-json', title: '200 with half of a JSON text', ...INVALID, play: says('{"choices": [') },
  { id: 'wrong-shape', title: '200 with JSON of another kind', ...INVALID, play: says('{"hello":"world"}') },
  { id: 'no-choices', title: '200 with no choices', ...INVALID, play: says('{"choices":[]}') },
  {
    id: 'error-in-200',
    title: '200 with an error in place of an answer',
    ...INVALID,
    play: says('{"error":{"message":"quota","type":"x","code":null,"param":null}}'),
  },
  {
    id: 'slow-headers',
    title: 'headers that arrive a byte at a time and never end',
    ...SILENT,
    play: (wire) => drip(wire, `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}`),
  },
  {
    id: 'byte-drip',
    title: 'an answer that arrives a byte at a time and never ends',
    ...SILENT,
    async play(wire) {
      if (wire.isStream) await wire.head(200, STREAM_HEADERS);
      else await wire.head(200, { ...JSON_HEADERS, 'content-length': '1000000' });
      await drip(wire, wire.isStream ? 'data: {"id":"drip"' : '{"id":"drip"');
    },
  },
  {
    id: 'oversize',
    title: 'a body of 64 MB',
    ...INVALID,
    onlyFor: 'whole',
    isMemoryBound: true,
    mostSentBytes: 32 * MEGABYTE,
    async play(wire) {
      await wire.head(200, { ...JSON_HEADERS, 'content-length': String(64 * MEGABYTE) });
      await flood(wire, 64);
      wire.call.isOver = true;
    },
  },
  {
    id: 'endless-event',
    title: 'an event that never ends',
    ...INVALID,
    onlyFor: 'stream',
    isMemoryBound: true,
    mostSentBytes: 32 * MEGABYTE,
    play: endless('data: '),
  },
  {
    id: 'endless-comment',
    title: 'a comment that never ends, in place of events',
    ...INVALID,
    onlyFor: 'stream',
    isMemoryBound: true,
    mostSentBytes: 96 * MEGABYTE,
    play: endless(': '),
  },
  {
    id: 'gzip-bomb',
    title: 'a compressed body, nobody having asked for one, that would be 64 MB',
    ...INVALID,
    isMemoryBound: true,
    play: (wire) => wire.whole(200, { ...headersFor(wire), 'content-encoding': 'gzip' }, BOMB),
  },
  {
    id: 'private-headers',
    title: 'a good answer with Set-Cookie and headers of its own',
    ...HARMLESS,
    caller: 'the answer, without those headers',
    play: (wire) => wire.answer({ 'set-cookie': 'session=1', 'x-private': '1', server: 'primary' }),
  },
  {
    id: 'usage-missing',
    title: 'a good answer without usage',
    ...HARMLESS,
    caller: 'the answer; its usage is an estimate and says so',
    isUsageEstimated: true,
    play: withUsage(null),
  },
  {
    id: 'usage-negative',
    title: 'a good answer with negative usage',
    ...HARMLESS,
    caller: 'the answer; its usage is an estimate and says so',
    isUsageEstimated: true,
    play: withUsage({ prompt_tokens: -9, completion_tokens: -60, total_tokens: -69 }),
  },
  {
    id: 'usage-huge',
    title: 'a good answer with a usage of 1e308',
    ...HARMLESS,
    caller: 'the answer; its usage is an estimate and says so',
    isUsageEstimated: true,
    play: withUsage({ prompt_tokens: 1e308, completion_tokens: 1e308, total_tokens: 1e308 }),
  },
];
