import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import type { ChatRequest } from '../../lambda/core/chat-request.ts';
import type { Model, Provider } from '../../lambda/core/configuration.ts';
import type { JsonObject } from '../../lambda/core/json-body.ts';
import { openAiWire } from '../../lambda/providers/openai-wire.ts';

const messages = [{ role: 'user', content: 'hi' }];

function sentTo(modelId: string, fields: JsonObject, maxTokens?: number): JsonObject {
  const model = configuration.models[modelId] as Model;
  const provider = configuration.providers[model.provider] as Provider;
  const request: ChatRequest = {
    model: modelId,
    stream: false,
    streamOptions: {},
    body: { messages, ...fields },
    maxTokens,
    options: {},
  };
  return openAiWire.request(request, { modelId, model, waitMs: 0, timeoutMs: 1 }, provider).body;
}

describe("a request in OpenAI's format", () => {
  it('passes as it is, unknown fields too', () => {
    const fields = { temperature: 0.2, tone: { of: 'voice' } };
    expect(sentTo('openai/gpt-4o', fields)).toEqual({ model: 'gpt-4o', messages, ...fields });
  });

  it.each([
    ['the old name', { max_tokens: 5 }, undefined, 5],
    ['the new name', { max_completion_tokens: 5 }, undefined, 5],
    ['both, of which the larger counts', { max_tokens: 5, max_completion_tokens: 9 }, undefined, 9],
    ["a limit of the gateway's own", { max_tokens: 5 }, 3, 3],
  ])('has one limit, by the name the provider knows: %s', (_case, fields, maxTokens, sent) => {
    expect(sentTo('openai/gpt-4o', fields, maxTokens)).toEqual({
      model: 'gpt-4o',
      messages,
      max_completion_tokens: sent,
    });
    expect(sentTo('mistral/mistral-small', fields, maxTokens)).toEqual({
      model: 'mistral-small-2603',
      messages,
      max_tokens: sent,
    });
  });

  it('has no limit where the caller set none', () => {
    expect(sentTo('mistral/mistral-small', { max_tokens: null })).toEqual({ model: 'mistral-small-2603', messages });
  });

  it('turns reasoning off where a model takes tools only then, unless the caller chose', () => {
    const tools = [{ type: 'function', function: { name: 'tide', parameters: {} } }];
    expect(sentTo('openai/gpt-6-sol', { tools })).toMatchObject({ reasoning_effort: 'none' });
    expect(sentTo('openai/gpt-6-sol', { tools, reasoning_effort: 'high' })).toMatchObject({ reasoning_effort: 'high' });
    for (const body of [sentTo('openai/gpt-6-sol', { tools: [] }), sentTo('openai/gpt-5.1', { tools })]) {
      expect(body).not.toHaveProperty('reasoning_effort');
    }
  });
});

describe('a refusal', () => {
  const refusal = (message: string, more: object = {}) => ({
    error: { message, type: null, code: null, param: null, ...more },
  });

  it.each([
    ['a text alone', { detail: 'Not here.' }, refusal('Not here.')],
    [
      'a list of wrong fields',
      { detail: [{ type: 'missing', loc: ['body', 'messages', 0, 'content'], msg: 'Field required' }] },
      refusal('Field required (messages.0.content)', { param: 'messages.0.content' }),
    ],
    [
      'a list of wrong fields as its message',
      { object: 'Error', message: [{ loc: ['body', 'tools'], msg: 'Not permitted' }], type: 'invalid', code: 3001 },
      refusal('Not permitted (tools)', { type: 'invalid', param: 'tools' }),
    ],
    ['an error without words', { error: { code: 500 } }, refusal('')],
    ['words that are none', { message: 7 }, refusal('')],
    ['a wrong field in words', { detail: [{ msg: 'Bad.' }] }, refusal('Bad.')],
  ])('is told from %s', (_shape, body, told) => {
    expect(openAiWire.refusal(body)).toEqual(told);
  });

  it.each([[null], ['text'], [[]], [[7]], [7]])('is nothing where it says nothing: %j', (body) => {
    expect(openAiWire.refusal(body)).toBeUndefined();
  });
});
