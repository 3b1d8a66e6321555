import { describe, expect, it } from 'vitest';
import { type ProviderId, providers } from '../../config/providers.ts';
import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';
import { followChunk, newStreamProgress } from '../../lambda/core/stream-progress.ts';
import {
  readOpenAiUsage,
  servedAt,
  serviceTierIn,
  type TokenUsage,
  totalInputTokens,
  totalOutputTokens,
} from '../../lambda/core/usage.ts';
import { wireOf } from '../../lambda/providers/wires.ts';
import { recordedAnswers } from './recorded-answers.ts';
import golden from './usage-golden.json' with { type: 'json' };

/** A report of usage in a provider's own words (its API reference), and what it must be read as. Parts left out are 0. */
interface Golden {
  about: string;
  /** The tier that the answer names beside its usage. */
  serviceTier?: string;
  reported: JsonObject;
  /** What the provider counts as input and output together. */
  input: number;
  output: number;
  parts: Partial<TokenUsage>;
}

const goldens = golden as unknown as Record<string, Golden[]>;
const recorded = recordedAnswers();

const NONE: TokenUsage = {
  uncachedInputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  audioInputTokens: 0,
  textOutputTokens: 0,
  reasoningTokens: 0,
  audioOutputTokens: 0,
  estimated: false,
};

const ANTHROPIC_MESSAGE = {
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
};

/** A whole answer and a stream of the provider's with this report in them. */
function answersOf(id: string, { reported, serviceTier }: Golden): { whole: JsonObject; stream: (object | string)[] } {
  if (id === 'anthropic') {
    const { output_tokens: output, ...atStart } = reported;
    return {
      whole: { ...ANTHROPIC_MESSAGE, usage: reported },
      stream: [
        {
          type: 'message_start',
          message: { ...ANTHROPIC_MESSAGE, content: [], usage: { ...atStart, output_tokens: 1 } },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello.' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { ...reported, output_tokens: output } },
        { type: 'message_stop' },
      ],
    };
  }
  const { whole, stream } = recorded[id] as NonNullable<(typeof recorded)[string]>;
  const tier = serviceTier === undefined ? {} : { service_tier: serviceTier };
  const last = stream.findLastIndex((event) => isJsonObject(event) && isJsonObject(event.usage));
  return {
    whole: { ...whole, ...tier, usage: reported },
    stream: stream.map((event, index) =>
      typeof event === 'string' ? event : { ...event, ...tier, ...(index === last ? { usage: reported } : {}) },
    ),
  };
}

async function readWhole(id: ProviderId, { whole }: { whole: JsonObject }): Promise<TokenUsage | undefined> {
  const { body } = (await wireOf(providers[id])).completion(whole, JSON.stringify(whole));
  const usage = isJsonObject(body) ? readOpenAiUsage(body.usage) : undefined;
  return usage && servedAt(usage, serviceTierIn(body as JsonObject));
}

async function readStream(
  id: ProviderId,
  { stream }: { stream: (object | string)[] },
): Promise<TokenUsage | undefined> {
  const progress = newStreamProgress(1);
  const read = (await wireOf(providers[id])).streamReader();
  for (const event of stream) {
    if (typeof event === 'string' && event.startsWith(':')) continue;
    const { chunks } = read(typeof event === 'string' ? event : JSON.stringify(event));
    for (const { parsed } of chunks) expect(followChunk(progress, parsed)).toBeUndefined();
  }
  return progress.usage && servedAt(progress.usage, serviceTierIn({ service_tier: progress.serviceTier }));
}

it('is there for every provider', () => {
  expect(Object.keys(goldens).sort()).toEqual(Object.keys(providers).sort());
});

describe.each(Object.keys(providers) as ProviderId[])('the usage %s reports', (id) => {
  it.each(goldens[id] ?? [])('is read part by part, whole and streamed: $about', async (one) => {
    const expected = { ...NONE, ...one.parts };
    // The golden itself adds up to what the provider said.
    expect([totalInputTokens(expected), totalOutputTokens(expected)]).toEqual([one.input, one.output]);
    const answers = answersOf(id, one);
    expect(await readWhole(id, answers)).toEqual(expected);
    expect(await readStream(id, answers)).toEqual(expected);
  });
});
