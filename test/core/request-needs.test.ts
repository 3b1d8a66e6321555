import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { type Planning, planChain } from '../../lambda/core/chain.ts';
import type { ChatRequest } from '../../lambda/core/chat-request.ts';
import type { Configuration, Model } from '../../lambda/core/configuration.ts';
import type { JsonObject } from '../../lambda/core/json-body.ts';

const price = { inputPerMillion: 1, outputPerMillion: 1 };
const model = (more: Partial<Model>): Model => ({
  provider: 'p',
  upstreamName: 'x',
  contextWindowTokens: 1_000,
  price,
  ...more,
});
const small: Configuration = {
  ...configuration,
  models: {
    'p/text': model({ tools: false, jsonSchema: false }),
    'p/eyes': model({ inputs: ['text', 'image'] }),
    'p/large': model({ contextWindowTokens: 1_000_000, inputs: ['text', 'image', 'audio', 'file'] }),
  },
  chains: { 'p/text': ['p/eyes', 'p/large'] },
  retry: { ...configuration.retry, attempts: 1 },
};
const planning: Planning = {
  mayUse: () => true,
  isDown: () => false,
  hasKey: () => true,
  previousModel: undefined,
  random: () => 0,
};

function plan(body: JsonObject, more: Partial<Planning> = {}, asked = 'p/text') {
  const messages = [{ role: 'user', content: 'x' }];
  const request: ChatRequest = {
    model: asked,
    stream: false,
    streamOptions: {},
    body: { messages, ...body } as ChatRequest['body'],
    maxTokens: undefined,
    options: {},
  };
  const { steps, route } = planChain(request, small, { ...planning, ...more });
  return {
    models: steps.map(({ modelId }) => modelId),
    skipped: (route.skipped ?? []).map(({ modelId, reason }) => `${modelId} ${reason}`),
    route,
  };
}
const message = (...content: object[]) => ({ messages: [{ role: 'user', content }] });

describe('a plan leaves out models that lack what the request needs', () => {
  it.each<[string, JsonObject, string[], string[]]>([
    ['nothing', {}, ['p/text', 'p/eyes', 'p/large'], []],
    ['tools', { tools: [{ type: 'function' }] }, ['p/eyes', 'p/large'], ['p/text lacks_tools']],
    ['a schema', { response_format: { type: 'json_schema' } }, ['p/eyes', 'p/large'], ['p/text lacks_json_schema']],
    ['sight', message({ type: 'image_url' }), ['p/eyes', 'p/large'], ['p/text lacks_input']],
    ['hearing', message({ type: 'input_audio' }), ['p/large'], ['p/text lacks_input', 'p/eyes lacks_input']],
    [
      'room',
      { messages: [{ role: 'user', content: 'x'.repeat(8_000) }] },
      ['p/large'],
      ['p/text lacks_context', 'p/eyes lacks_context'],
    ],
  ])('%s', (_name, body, models, skipped) => expect(plan(body)).toMatchObject({ models, skipped }));

  it('unless nobody has it: then the provider of the one asked for is the judge', () => {
    expect(plan(message({ type: 'input_audio' }), {}, 'p/eyes').models).toEqual(['p/eyes']);
  });
});

describe('a plan', () => {
  it('leaves out models that are down, and refuses at once when all are', () => {
    expect(plan({}, { isDown: (id) => id === 'p/text' })).toMatchObject({
      models: ['p/eyes', 'p/large'],
      skipped: ['p/text circuit_open'],
      route: { model: 'p/eyes', reason: 'fallback' },
    });
    expect(() => plan({}, { isDown: () => true })).toThrow('does not answer at present');
  });

  it("leaves out fallbacks that are not the caller's", () => {
    expect(plan({}, { mayUse: (id) => id !== 'p/eyes' }).skipped).toEqual(['p/eyes not_allowed']);
  });

  it('begins with the model that a conversation had, while that may answer', () => {
    expect(plan({}, { previousModel: 'p/large' })).toMatchObject({
      models: ['p/large', 'p/text', 'p/eyes'],
      route: { model: 'p/large', reason: 'kept from before' },
    });
    expect(plan({}, { previousModel: 'p/large', isDown: (id) => id === 'p/large' }).models).toEqual([
      'p/text',
      'p/eyes',
    ]);
  });

  it('repeats a model as its own policy says, and waits longer each time', () => {
    const patient = { ...small, models: { ...small.models, 'p/eyes': model({ retry: { attempts: 3 } }) } };
    const request = {
      model: 'p/text',
      stream: false,
      streamOptions: {},
      body: { messages: [] },
      maxTokens: undefined,
      options: {},
    };
    const { steps } = planChain(request, patient, planning);
    expect(steps.map(({ modelId, waitMs }) => [modelId, waitMs])).toEqual([
      ['p/text', 0],
      ['p/eyes', 0],
      ['p/eyes', 1_000],
      ['p/eyes', 2_000],
      ['p/large', 0],
    ]);
  });
});
