import { describe, expect, it } from 'vitest';
import { judgeCompletion } from '../../lambda/core/completion.ts';
import type { JsonObject } from '../../lambda/core/json-body.ts';
import { completionOf } from '../../lambda/providers/anthropic/completion.ts';
import { messageReader } from '../../lambda/providers/anthropic/stream.ts';
import { openAiWire } from '../../lambda/providers/openai-wire.ts';
import type { WireEvent } from '../../lambda/providers/provider-wire.ts';
import { simulateAnswer } from '../../local/simulated/answer.ts';
import { anthropicFormat } from '../../local/simulated/anthropic-format.ts';
import type { SimulatedFormat } from '../../local/simulated/format.ts';
import { openAiFormat } from '../../local/simulated/openai-format.ts';
import { recordedAnswers } from '../providers/recorded-answers.ts';
import { assemblyOf } from './any-completion.ts';

interface Whole extends JsonObject {
  choices: { message: JsonObject }[];
}

/** A completion whose messages hold no null, empty text or empty list: whether those are said differs in a stream. */
function withoutEmptyFields(completion: unknown): JsonObject {
  const { choices, ...said } = completion as Whole;
  const isSaid = (value: unknown) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  const bare = (message: JsonObject) =>
    Object.fromEntries(Object.entries(message).filter(([, value]) => isSaid(value)));
  return { ...said, choices: choices.map((choice) => ({ ...choice, message: bare(choice.message) })) };
}

describe('the simulated provider', () => {
  const messages = [{ role: 'user', content: 'When does the tide turn? 🌊' }];
  const parameters = { properties: { at: { type: 'string' } } };
  const requests: [string, JsonObject][] = [
    ['words', { messages }],
    ['three choices', { messages, n: 3 }],
    ['a tool call', { messages, tools: [{ type: 'function', function: { name: 'tide', parameters } }] }],
    ['JSON', { messages, response_format: { type: 'json_object' } }],
    ['words that a limit cuts', { messages, max_tokens: 3 }],
  ];
  const ofAnthropic: [string, JsonObject][] = [
    ['words', { messages, max_tokens: 50 }],
    ['thoughts and words', { messages, max_tokens: 50, thinking: { type: 'adaptive' } }],
    ['thoughts and a tool call', { messages, tools: [{ name: 'tide', input_schema: parameters }], thinking: {} }],
  ];

  function said(format: SimulatedFormat, body: JsonObject): { whole: unknown; events: string[] } {
    const answer = simulateAnswer(format.chatOf(body));
    const usage = format.usageOf(answer);
    const stream = [...format.steps(answer, usage, body)].join('');
    return {
      whole: JSON.parse(JSON.stringify(format.whole(answer, usage, body))),
      events: [...stream.matchAll(/^data: (.*)$/gm)].map(([, data]) => data as string),
    };
  }

  /** What the events of a stream say as a whole. */
  function assembledBy(read: (data: string) => WireEvent, events: string[]): JsonObject | undefined {
    return assemblyOf(events.flatMap((data) => read(data).chunks.map(({ parsed }) => parsed)));
  }

  it.each(requests)('says the same in a stream and at once: %s', (_name, body) => {
    const { whole, events } = said(openAiFormat, { ...body, stream_options: { include_usage: true } });
    const streamed = withoutEmptyFields(assembledBy(openAiWire.streamReader(), events));
    expect(streamed).toEqual({ ...withoutEmptyFields(whole), created: expect.any(Number) });
  });

  it.each(ofAnthropic)("says the same in Anthropic's format: %s", (_name, body) => {
    const { whole, events } = said(anthropicFormat, body);
    const streamed = assembledBy(messageReader(7), events);
    expect(withoutEmptyFields(streamed)).toEqual(withoutEmptyFields(completionOf(whole, 7)));
    const [choice] = (streamed as Whole).choices;
    expect(choice?.message.thinking_blocks !== undefined).toBe(body.thinking !== undefined);
  });
});

describe.each(Object.entries(recordedAnswers()))("%s's stream", (_id, { stream, whole, content }) => {
  const messageOf = (completion: unknown) =>
    (withoutEmptyFields(completion).choices as Whole['choices'])[0]?.message as JsonObject;

  it('says what its whole answer says', () => {
    const streamed = assemblyOf(stream.filter((event): event is object & JsonObject => typeof event !== 'string'));
    expect(judgeCompletion(streamed)).toMatchObject({ content, finishReason: 'stop' });
    expect(streamed?.usage).toMatchObject({ total_tokens: whole.usage.total_tokens });
    // Signatures of thoughts are in Gemini's whole answers only.
    const { extra_content: _signatures, ...expected } = messageOf(whole);
    expect(messageOf(streamed)).toMatchObject(expected);
  });
});
