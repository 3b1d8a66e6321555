import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../lambda/core/json-body.ts';
import { ProviderFailure } from '../../../lambda/core/provider-failure.ts';
import { newStreamProgress } from '../../../lambda/core/stream-progress.ts';
import { anthropicWire } from '../../../lambda/providers/anthropic/wire.ts';
import { readStream } from '../../../lambda/providers/read-stream.ts';

type Event = { type: string } & JsonObject;

const start = (usage: JsonObject = { input_tokens: 10, output_tokens: 1 }): Event => ({
  type: 'message_start',
  message: {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-test',
    content: [],
    stop_reason: null,
    usage,
  },
});
const block = (index: number, content_block: JsonObject): Event => ({
  type: 'content_block_start',
  index,
  content_block,
});
const delta = (index: number, change: JsonObject): Event => ({ type: 'content_block_delta', index, delta: change });
const stop = (index: number): Event => ({ type: 'content_block_stop', index });
const ending = (stop_reason: string, usage: JsonObject = { output_tokens: 20 }): Event => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage,
});
const ping: Event = { type: 'ping' };
const last: Event = { type: 'message_stop' };
const words = (index: number, ...pieces: string[]): Event[] => [
  block(index, { type: 'text', text: '' }),
  ...pieces.map((text) => delta(index, { type: 'text_delta', text })),
  stop(index),
];
const tool = (index: number, id: string, ...pieces: string[]): Event[] => [
  block(index, { type: 'tool_use', id, name: `name-of-${id}`, input: {} }),
  ...['', ...pieces].map((partial_json) => delta(index, { type: 'input_json_delta', partial_json })),
  stop(index),
];

/** The bytes of a stream with these events. */
const bytesOf = (events: readonly Event[]) =>
  Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));

/** All chunks of a stream that arrives in pieces of so many bytes, and the failure it ended with. */
async function read(bytes: Buffer, pieceBytes = bytes.length) {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const progress = newStreamProgress(1);
  const limits = { streamBytes: 1_000_000, streamEventBytes: 100_000 };
  const waiting = { wait() {}, arrived() {} };
  const chunks: JsonObject[] = [];
  let failure: unknown;
  try {
    for await (const batch of readStream(
      Readable.from(pieces, { objectMode: false }),
      anthropicWire.streamReader(),
      progress,
      limits,
      waiting,
    )) {
      for (const { text, parsed } of batch) {
        expect(JSON.parse(text)).toEqual(parsed);
        chunks.push(parsed);
      }
    }
  } catch (thrown) {
    failure = thrown;
  }
  return { chunks, failure, progress };
}

/** What the choices of the chunks say, one after another. */
const deltasOf = (chunks: readonly JsonObject[]) =>
  chunks.flatMap(({ choices }) =>
    (choices as { delta: JsonObject; finish_reason: unknown }[]).map((choice) => choice.delta),
  );

describe("Anthropic's stream", () => {
  const events = [
    start({ input_tokens: 10, cache_creation_input_tokens: 300, cache_read_input_tokens: 2_000, output_tokens: 1 }),
    ping,
    ...words(0, 'Grüße ', '🌊!'),
    { type: 'novelty', index: 0 },
    ending('end_turn'),
    last,
  ];

  it('is chunks of one completion, with the usage last', async () => {
    const { chunks, failure } = await read(bytesOf(events));
    expect(failure).toBeUndefined();
    const same = { id: 'msg_01', object: 'chat.completion.chunk', created: chunks[0]?.created, model: 'claude-test' };
    const chunk = (choice: JsonObject, finish_reason: string | null = null) => ({
      ...same,
      choices: [{ index: 0, delta: choice, logprobs: null, finish_reason }],
    });
    expect(chunks).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Grüße ' }),
      chunk({ content: '🌊!' }),
      chunk({}, 'stop'),
      {
        ...same,
        choices: [],
        usage: {
          prompt_tokens: 2_310,
          completion_tokens: 20,
          total_tokens: 2_330,
          prompt_tokens_details: { cached_tokens: 2_000, cache_write_tokens: 300 },
          completion_tokens_details: { reasoning_tokens: 0 },
        },
      },
    ]);
    expect(chunks[0]?.created).toEqual(expect.any(Number));
  });

  it.each([1, 2, 7, 64])('says the same in pieces of %i bytes', async (pieceBytes) => {
    const whole = await read(bytesOf(events));
    const split = await read(bytesOf(events), pieceBytes);
    expect(deltasOf(split.chunks)).toEqual(deltasOf(whole.chunks));
    expect(split.progress).toMatchObject({
      finishReason: 'stop',
      usage: { uncachedInputTokens: 10, cacheReadTokens: 2_000, cacheWriteTokens: 300, textOutputTokens: 20 },
    });
  });

  it('numbers parallel calls, and gives those without arguments an empty object', async () => {
    const { chunks, failure } = await read(
      bytesOf([
        start(),
        ...words(0, 'Looking.'),
        ...tool(1, 'a', '{"city"', ':"Bern"}'),
        ...tool(2, 'b'),
        block(3, { type: 'tool_use', id: 'c', name: 'name-of-c', input: { at: 'once' } }),
        stop(3),
        ending('tool_use', { input_tokens: 11, cache_read_input_tokens: null, output_tokens: 30 }),
        last,
      ]),
    );
    expect(failure).toBeUndefined();
    const call = (index: number, id: string) => ({
      tool_calls: [{ index, id, type: 'function', function: { name: `name-of-${id}`, arguments: '' } }],
    });
    const more = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
    expect(deltasOf(chunks)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'Looking.' },
      call(0, 'a'),
      more(0, '{"city"'),
      more(0, ':"Bern"}'),
      call(1, 'b'),
      more(1, '{}'),
      call(2, 'c'),
      more(2, '{"at":"once"}'),
      {},
    ]);
    expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
    expect(chunks.at(-1)).toMatchObject({ usage: { prompt_tokens: 11, total_tokens: 41 } });
  });

  it('gives thinking to read at once, and to send back when it is whole', async () => {
    const { chunks } = await read(
      bytesOf([
        start(),
        block(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
        delta(0, { type: 'thinking_delta', thinking: '.' }),
        delta(0, { type: 'signature_delta', signature: 's1' }),
        stop(0),
        ...words(1, 'First.'),
        block(2, { type: 'redacted_thinking', data: 'd1' }),
        stop(2),
        ...tool(3, 'a', '{}'),
        block(4, { type: 'thinking', thinking: '', signature: '' }),
        delta(4, { type: 'signature_delta', signature: 's2' }),
        stop(4),
        ending('tool_use'),
        last,
      ]),
    );
    expect(deltasOf(chunks).filter((one) => !('tool_calls' in one))).toEqual([
      { role: 'assistant', content: '' },
      { reasoning_content: 'Hm' },
      { reasoning_content: '.' },
      { thinking_blocks: [{ type: 'thinking', thinking: 'Hm.', signature: 's1' }] },
      { content: 'First.' },
      { thinking_blocks: [{ type: 'redacted_thinking', data: 'd1', text_before: 6 }] },
      {
        thinking_blocks: [{ type: 'thinking', thinking: '', signature: 's2', text_before: 6, tool_calls_before: 1 }],
      },
      {},
    ]);
  });

  it('has citations and blocks of other kinds in it without harm', async () => {
    const { chunks, failure } = await read(
      bytesOf([
        start(),
        block(0, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
        delta(0, { type: 'input_json_delta', partial_json: '{"query":"x"}' }),
        stop(0),
        block(1, { type: 'text', text: 'A', citations: [] }),
        delta(1, { type: 'citations_delta', citation: { type: 'char_location' } }),
        delta(9, { type: 'text_delta', text: 'of no block' }),
        stop(1),
        stop(9),
        ending('end_turn'),
        last,
      ]),
    );
    expect(failure).toBeUndefined();
    expect(deltasOf(chunks)).toEqual([{ role: 'assistant', content: '' }, { content: 'A' }, {}]);
  });

  it('says why it refuses', async () => {
    const refusal: Event = {
      type: 'message_delta',
      delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', explanation: 'Not this.' } },
      usage: { output_tokens: 3 },
    };
    const { chunks, failure } = await read(bytesOf([start(), ...words(0, 'Well'), refusal, last]));
    expect(failure).toBeUndefined();
    expect(chunks.at(-2)).toMatchObject({
      choices: [{ delta: { refusal: 'Not this.' }, finish_reason: 'content_filter' }],
    });
  });

  it('has no usage where the provider says an impossible one', async () => {
    const { chunks, progress } = await read(
      bytesOf([start({ input_tokens: -1, output_tokens: 1 }), ...words(0, 'A'), ending('end_turn'), last]),
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
    expect(progress.usage).toBeUndefined();
  });
});

describe("Anthropic's stream that is no good", () => {
  const error: Event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const complete = [start(), ...words(0, 'one', 'two'), ending('end_turn'), last];

  it('is cut wherever it ends before its ending', async () => {
    for (let count = 0; count < complete.length - 2; count++) {
      const { failure } = await read(bytesOf(complete.slice(0, count)));
      expect(failure).toBeInstanceOf(ProviderFailure);
    }
    expect((await read(bytesOf(complete.slice(0, -1)))).failure).toBeUndefined();
  });

  it.each<[string, readonly Event[]]>([
    ['an error', [start(), ...words(0, 'one'), error]],
    ['an error before anything', [error]],
    ['an error without words', [start(), ...words(0, 'one'), { type: 'error' }]],
    [
      'an ending without a reason',
      [start(), ...words(0, 'one'), { type: 'message_delta', delta: { stop_reason: null } }, last],
    ],
    ['an ending without content', [start(), ending('end_turn'), last]],
    ['no start', [...words(0, 'one'), ending('end_turn'), last]],
    ['something else', [{ type: 'hello' }]],
  ])('never ends well with %s', async (_name, events) => {
    const { failure, chunks } = await read(bytesOf(events));
    expect(failure).toBeInstanceOf(ProviderFailure);
    expect(JSON.stringify(chunks)).not.toContain('Overloaded');
  });

  it('is malformed when an event is no JSON', async () => {
    const broken = Buffer.concat([bytesOf([start(), ...words(0, 'one')]), Buffer.from('data: {"type": "mess\n\n')]);
    const { failure, chunks } = await read(broken);
    expect(failure).toMatchObject({ error: { code: 'provider_invalid_answer' } });
    expect(deltasOf(chunks)).toContainEqual({ content: 'one' });
  });
});
