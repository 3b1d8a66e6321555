import { errorOf } from './answers.ts';
import type { Fault } from './fault.ts';
import { type FaultWire, JSON_HEADERS } from './fault-wire.ts';

/** What is sent of the sixty words before a stream breaks. */
const CUT_AFTER = 40;
const STALL_AFTER = 20;
const MALFORMED_AT = 10;

const overloaded = (wire: FaultWire) =>
  wire.whole(503, JSON_HEADERS, errorOf('The engine is currently overloaded.', 'overloaded'));

const rateLimited = (wire: FaultWire, headers: Record<string, string> = {}) =>
  wire.whole(429, { ...JSON_HEADERS, ...headers }, errorOf('Rate limit reached.', 'rate_limit_exceeded'));

/** Says nothing until the gateway has gone. */
async function beSilent(wire: FaultWire): Promise<void> {
  await wire.pause(wire.times.silenceMs);
  wire.hangUp();
}

/** A stream that is cut after 40 of 60 words; a body of which 60 % arrive. */
async function cut(wire: FaultWire): Promise<void> {
  if (wire.isStream) {
    await wire.startStream();
    await wire.say(0, CUT_AFTER);
  } else await wire.partOfBody(0.6);
  wire.hangUp();
}

/**
 * The faults S01 to S14 and S16 of Failover Bench, methodology v0.1 (github.com/failoverbench/failoverbench), in our own
 * implementation. S15, the flapping provider, is a sequence of requests and has its own test.
 */
export const PUBLISHED_FAULTS: readonly Fault[] = [
  {
    id: 'S01',
    title: '429 with Retry-After once, then healthy',
    nature: 'heals',
    caller: 'the answer',
    provider: 'a second call, not before Retry-After has passed',
    maximumCalls: 2,
    wantsRetry: true,
    leastGapMs: ({ retryAfterSeconds }) => retryAfterSeconds * 1_000,
    play: (wire) =>
      wire.number === 1 ? rateLimited(wire, { 'retry-after': String(wire.times.retryAfterSeconds) }) : wire.answer(),
  },
  {
    id: 'S02',
    title: '429 without Retry-After, every time',
    nature: 'lasts',
    caller: "the fallback's answer; without one a 429",
    provider: 'at most 4 calls',
    statuses: [429],
    play: (wire) => rateLimited(wire),
  },
  {
    id: 'S03',
    title: '500 once, then healthy',
    nature: 'heals',
    caller: 'the answer',
    provider: 'a second call',
    wantsRetry: true,
    play: (wire) => (wire.number === 1 ? wire.whole(500, JSON_HEADERS, errorOf('Failed.', null)) : wire.answer()),
  },
  {
    id: 'S04',
    title: '503 every time',
    nature: 'lasts',
    caller: "the fallback's answer; without one a 503",
    provider: 'at most 4 calls',
    statuses: [503],
    play: overloaded,
  },
  {
    id: 'S05',
    title: 'connection reset before any byte, once',
    nature: 'heals',
    caller: 'the answer',
    provider: 'at most 4 calls',
    play: (wire) => (wire.number === 1 ? wire.reset() : wire.answer()),
  },
  {
    id: 'S06',
    title: 'no response at all',
    nature: 'lasts',
    caller: "the fallback's answer; without one a 504",
    provider: 'one call, whose connection is closed when it is given up',
    statuses: [504],
    wantsNoRetry: true,
    play: beSilent,
  },
  {
    id: 'S07',
    title: 'headers of a stream at once, the first content late',
    nature: 'slow',
    caller: "the fallback's answer as soon as the first content is overdue; without one the answer or a 504",
    provider: 'one call, whose connection is closed when it is given up',
    wantsWithinMs: ({ times }) => times.slowMs,
    statuses: [504],
    wantsNoRetry: true,
    async play(wire) {
      if (!wire.isStream) {
        await wire.pause(wire.times.slowMs);
        return wire.answer();
      }
      await wire.startStream();
      await wire.pause(wire.times.slowMs);
      await wire.say(0);
      await wire.finish();
    },
  },
  {
    id: 'S08',
    title: 'cut after 40 of 60 words',
    nature: 'breaks',
    caller: "the fallback's whole answer; once words of a stream are out, an error as its last event",
    provider: 'at most 4 calls',
    statuses: [502],
    play: cut,
  },
  {
    id: 'S09',
    title: 'silence after 20 of 60 words',
    nature: 'breaks',
    caller: "the fallback's whole answer; once words of a stream are out, an error as its last event, in time",
    provider: 'one call, whose connection is closed when it is given up',
    statuses: [504],
    wantsNoRetry: true,
    async play(wire) {
      if (wire.isStream) {
        await wire.startStream();
        await wire.say(0, STALL_AFTER);
      } else await wire.partOfBody(0);
      await beSilent(wire);
    },
  },
  {
    id: 'S10',
    title: 'invalid JSON as the tenth chunk, or as the body',
    nature: 'breaks',
    caller: "nothing that is no JSON; the fallback's whole answer, or an error as the last event of a stream",
    provider: 'at most 4 calls',
    statuses: [502],
    async play(wire) {
      if (!wire.isStream) return wire.whole(200, JSON_HEADERS, '{"choices":[{"message":{"content":"prim"oops');
      await wire.startStream();
      await wire.say(0, MALFORMED_AT);
      await wire.event('{"id":"chatcmpl-1","choices":[{"delta":{"content":');
      await wire.say(MALFORMED_AT);
      await wire.finish();
    },
  },
  {
    id: 'S11',
    title: 'a complete stream without [DONE]',
    nature: 'harmless',
    onlyFor: 'stream',
    caller: 'the answer, ended properly, with its usage',
    provider: 'one call',
    async play(wire) {
      await wire.startStream();
      await wire.say(0);
      await wire.finish({ hasDone: false });
    },
  },
  {
    id: 'S12',
    title: '400 context_length_exceeded',
    nature: 'lasts',
    caller: "the answer of the fallback; without one the provider's 400",
    provider: 'one call',
    statuses: [400],
    maximumCalls: 1,
    play: (wire) =>
      wire.whole(
        400,
        JSON_HEADERS,
        errorOf('This model takes 8192 tokens.', 'context_length_exceeded', 'invalid_request_error'),
      ),
  },
  {
    id: 'S13',
    title: '400 content_policy_violation',
    nature: 'refused',
    caller: "the provider's 400 and its reason, at once",
    provider: 'one call, and none to the fallback',
    statuses: [400],
    play: (wire) =>
      wire.whole(
        400,
        JSON_HEADERS,
        errorOf('Rejected by our safety system.', 'content_policy_violation', 'invalid_request_error'),
      ),
  },
  {
    id: 'S14',
    title: 'cut after 40 of 60 words, and the fallback refuses prefill',
    nature: 'breaks',
    caller: "as S08: never the fallback's 400",
    provider: 'at most 4 calls, none that ends with words of the assistant',
    statuses: [502],
    refusesPrefill: true,
    play: cut,
  },
  {
    id: 'S16',
    title: '503 every time, and who is billed',
    nature: 'lasts',
    caller: "the fallback's model, usage and cost; nothing for the calls that failed",
    provider: 'at most 4 calls',
    statuses: [503],
    play: overloaded,
  },
];
