import { beforeAll, describe, expect, it } from 'vitest';
import { completion, textOf, words } from './answers.ts';
import type { Received } from './caller.ts';
import type { Cell, Fault } from './fault.ts';
import { FAULTS } from './faults.ts';
import { judge } from './judge.ts';
import { FAST } from './profiles.ts';
import { type Observation, runCell } from './run-cell.ts';

/** A judge who passes everything proves nothing: here each thing that must not be is put into a good observation. */
const WHOLE: Cell = { isStream: false, hasFallback: true };
const STREAM: Cell = { isStream: true, hasFallback: true };

function faultOf(id: string): Fault {
  const fault = FAULTS.find((one) => one.id === id);
  if (!fault) throw new Error(`There is no fault ${id}.`);
  return fault;
}

const verdictOf = (id: string, cell: Cell, observation: Observation) => judge(faultOf(id), cell, FAST, observation);

type Change = (good: Observation) => Partial<Observation>;

const receiving = (change: (received: Received) => Partial<Received>): Change => {
  return ({ received }) => (received ? { received: { ...received, ...change(received) } } : {});
};

const WRONG: [string, Change][] = [
  ['a hang', () => ({ received: undefined, trouble: 'it hung' })],
  ['an answer after the deadline', () => ({ elapsedMs: FAST.deadlineMs + 1_000 })],
  ['a truncated answer', receiving(({ content }) => ({ content: content.slice(0, 50) }))],
  ['parts of two answers', receiving(({ content }) => ({ content: `primary-1 ${content}` }))],
  ['an answer said twice', receiving(({ content }) => ({ content: content + content }))],
  ['words of somebody else', receiving(() => ({ content: textOf('primary') }))],
  ['two endings', receiving(({ endings }) => ({ endings: [...endings, 'stop'] }))],
  ['no usage', receiving(({ documents }) => ({ documents: documents.map(({ usage: _usage, ...rest }) => rest) }))],
  ['a cookie', receiving(({ headers }) => ({ headers: new Headers([...headers, ['set-cookie', 'a=b']]) }))],
  ["the provider's key", receiving(({ body }) => ({ body: `${body} sk-primary-key` }))],
  ['no usage event', () => ({ usageEvents: [] })],
  ['two usage events', ({ usageEvents }) => ({ usageEvents: [...usageEvents, ...usageEvents] })],
  ['no cost', ({ usageEvents }) => ({ usageEvents: usageEvents.map((event) => ({ ...event, costMicroDollars: 0 })) })],
  [
    'too many calls',
    ({ primaryCalls }) => ({ primaryCalls: Array.from({ length: 5 }).flatMap(() => primaryCalls.slice(0, 1)) }),
  ],
  ['two calls to the fallback', ({ secondaryCalls }) => ({ secondaryCalls: [...secondaryCalls, ...secondaryCalls] })],
  [
    'a connection left open',
    ({ primaryCalls }) => ({
      primaryCalls: primaryCalls.map((call) => ({ ...call, isOver: false, givenUpAtMs: undefined })),
    }),
  ],
  [
    'a redirect that was followed',
    ({ primaryCalls }) => ({ primaryCalls: primaryCalls.map((call) => ({ ...call, path: '/internal' })) }),
  ],
  ['a gateway that is dead afterwards', () => ({ isAliveAfter: false })],
];

describe('the judge of the faults', () => {
  let whole: Observation;
  let broken: Observation;
  beforeAll(async () => {
    whole = await runCell(faultOf('S04'), WHOLE, FAST);
    broken = await runCell(faultOf('S08'), STREAM, FAST);
  });

  it('passes a good observation', () => {
    expect(verdictOf('S04', WHOLE, whole)).toEqual({ verdict: 'pass', problems: [], advice: [] });
    expect(verdictOf('S08', STREAM, broken)).toEqual({ verdict: 'safe', problems: [], advice: [] });
  });

  it.each(WRONG)('fails %s', (_name, change) => {
    expect(verdictOf('S04', WHOLE, { ...whole, ...change(whole) }).verdict).toBe('fail');
  });

  it.each<[string, Change]>([
    ['[DONE] after an error', receiving(() => ({ doneCount: 1 }))],
    ['an ending made up', receiving(() => ({ endings: ['stop'] }))],
    ['no error at its end', receiving(({ documents }) => ({ documents: documents.slice(0, -1) }))],
    [
      'tokens that nobody counted',
      ({ usageEvents }) => ({
        usageEvents: usageEvents.map((event) => ({ ...event, usage: { ...event.usage, textOutputTokens: 3 } })),
      }),
    ],
  ])('fails a broken stream with %s', (_name, change) => {
    expect(verdictOf('S08', STREAM, { ...broken, ...change(broken) }).verdict).toBe('fail');
  });

  it('fails a stream of 40 words that is called whole', () => {
    const documents = [words('primary-1', textOf('primary').slice(0, 300)), completion('primary-1', '')];
    const cut = receiving(() => ({
      documents: documents.map((text) => JSON.parse(text) as Record<string, unknown>),
      content: textOf('primary').slice(0, 300),
      endings: ['stop'],
      doneCount: 1,
      isDoneLast: true,
    }));
    expect(verdictOf('S08', STREAM, { ...broken, ...cut(broken) }).verdict).toBe('fail');
  });

  it('fails a second call that comes before Retry-After, and memory that grows', () => {
    const [call] = whole.primaryCalls;
    if (!call) throw new Error('The primary was not called.');
    const soon = { ...call, arrivedAtMs: call.arrivedAtMs + 500 };
    expect(verdictOf('S01', WHOLE, { ...whole, primaryCalls: [call, soon] }).verdict).toBe('fail');
    expect(verdictOf('oversize', WHOLE, { ...whole, grownBytes: 100_000_000 }).verdict).toBe('fail');
  });
});
