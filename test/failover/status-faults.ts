import { errorOf } from './answers.ts';
import { atOnce, type Fault } from './fault.ts';
import { type FaultWire, JSON_HEADERS } from './fault-wire.ts';

const TEXT_HEADERS = { 'content-type': 'text/plain' };
const HTML_HEADERS = { 'content-type': 'text/html' };

/** A 429 on the first call, with what it says about waiting; later calls are answered. */
const waitOnce = (headers: (wire: FaultWire) => Record<string, string>) => (wire: FaultWire) =>
  wire.number === 1
    ? wire.whole(429, { ...JSON_HEADERS, ...headers(wire) }, errorOf('Slow down.', 'rate_limit_exceeded'))
    : wire.answer();

const always = (status: number, headers: Record<string, string>, body: string) => (wire: FaultWire) =>
  wire.whole(status, headers, body);

const refusal = (status: number, code: string | null) =>
  always(status, JSON_HEADERS, errorOf('The request cannot be answered.', code, 'invalid_request_error'));

const PATIENT = { caller: 'the answer', provider: 'no second call before the time it asked for' } as const;
const DOWN = { nature: 'lasts', provider: 'at most 4 calls' } as const;
const REFUSED = {
  nature: 'refused',
  caller: "the provider's status, at once",
  provider: 'one call, and none to the fallback',
} as const;
const NOT_OURS = { nature: 'lasts', provider: 'one call', maximumCalls: 1 } as const;

/** Faults that a status says. */
export const STATUS_FAULTS: readonly Fault[] = [
  {
    id: 'retry-after-seconds',
    title: '429 with a longer Retry-After once, then healthy',
    nature: 'heals',
    ...PATIENT,
    leastGapMs: ({ retryAfterSeconds }) => (retryAfterSeconds + 1) * 1_000,
    play: waitOnce((wire) => ({ 'retry-after': String(wire.times.retryAfterSeconds + 1) })),
  },
  {
    id: 'retry-after-date',
    title: '429 with Retry-After as a date once, then healthy',
    nature: 'heals',
    ...PATIENT,
    // A date has whole seconds: this one is at most two seconds ahead, and at least one.
    leastGapMs: () => 900,
    play: waitOnce(() => ({ 'retry-after': new Date(Date.now() + 2_000).toUTCString() })),
  },
  {
    id: 'retry-after-ms',
    title: '429 with retry-after-ms once, then healthy',
    nature: 'heals',
    ...PATIENT,
    leastGapMs: () => 300,
    play: waitOnce(() => ({ 'retry-after-ms': '300' })),
  },
  {
    id: 'retry-after-day',
    title: '429 with Retry-After: 86400, every time',
    nature: 'lasts',
    caller: "the fallback's answer without a wait; without one a 429 at once",
    provider: 'one call',
    statuses: [429],
    maximumCalls: 1,
    withinMs: atOnce,
    play: always(429, { ...JSON_HEADERS, 'retry-after': '86400' }, errorOf('Tomorrow.', 'rate_limit_exceeded')),
  },
  {
    id: 'retry-after-deadline',
    title: '429 with Retry-After beyond the deadline, every time',
    nature: 'lasts',
    caller: "the fallback's answer without a wait; without one a 429 at once",
    provider: 'one call',
    statuses: [429],
    maximumCalls: 1,
    withinMs: atOnce,
    play: (wire) =>
      wire.whole(429, { ...JSON_HEADERS, 'retry-after': '70' }, errorOf('Slow down.', 'rate_limit_exceeded')),
  },
  {
    id: '429-text',
    title: '429 in plain text, every time',
    ...DOWN,
    caller: "the fallback's answer; without one a 429 in JSON",
    statuses: [429],
    play: always(429, TEXT_HEADERS, 'Too many requests'),
  },
  {
    id: '500-html',
    title: '500 with a web page, every time',
    ...DOWN,
    caller: "the fallback's answer; without one a 502 in JSON",
    statuses: [502],
    play: always(500, HTML_HEADERS, '<html><body>Internal Server Error</body></html>'),
  },
  {
    id: '503-text',
    title: '503 in plain text, every time',
    ...DOWN,
    caller: "the fallback's answer; without one a 503 in JSON",
    statuses: [503],
    play: always(503, TEXT_HEADERS, 'no healthy upstream'),
  },
  {
    id: '529-empty',
    title: '529 without a body, every time',
    ...DOWN,
    caller: "the fallback's answer; without one a 503 in JSON",
    statuses: [503],
    play: always(529, {}, ''),
  },
  { id: '400', title: '400, every time', ...REFUSED, statuses: [400], play: refusal(400, null) },
  { id: '413', title: '413, every time', ...REFUSED, statuses: [413], play: refusal(413, null) },
  { id: '422', title: '422, every time', ...REFUSED, statuses: [422], play: refusal(422, null) },
  {
    id: 'content-filter',
    title: "400 with Azure's code content_filter, every time",
    ...NOT_OURS,
    caller: "the fallback's answer, whose filter is another; without one the provider's 400",
    statuses: [400],
    play: refusal(400, 'content_filter'),
  },
  {
    id: '401',
    title: "401 for the gateway's own key, with the key in its message",
    ...NOT_OURS,
    caller: "the fallback's answer; without one a 424; never the key",
    statuses: [424],
    play: always(401, JSON_HEADERS, errorOf('Incorrect API key provided: sk-primary-key.', 'invalid_api_key')),
  },
  {
    id: '402',
    title: '402, every time',
    ...NOT_OURS,
    caller: "the fallback's answer; without one a 424",
    statuses: [424],
    play: refusal(402, 'insufficient_quota'),
  },
  {
    id: '404',
    title: '404 for the model, every time',
    ...NOT_OURS,
    caller: "the fallback's answer; without one the provider's 404",
    statuses: [404],
    play: refusal(404, 'model_not_found'),
  },
  {
    id: 'redirect',
    title: '307 to another address, every time',
    ...DOWN,
    caller: "the fallback's answer; without one a 502",
    provider: 'at most 4 calls, and none at the other address',
    statuses: [502],
    play: always(307, { location: '/internal' }, ''),
  },
];
