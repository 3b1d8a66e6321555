import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../lambda/core/json-body.ts';
import { caught, OLD, weather, withFields } from './translate.ts';

describe('tools for Anthropic', () => {
  it('keep their schema, strictness and cache marks', () => {
    const parameters = {
      type: 'object',
      properties: { days: { type: 'integer', minimum: 1, description: 'Days.' } },
      required: ['days'],
    };
    const tool = { type: 'function', function: { name: 'f', description: 'F.', strict: true, parameters } };
    const cache_control = { type: 'ephemeral' };
    const fields = { tools: [{ ...tool, cache_control }, weather] };
    const plain = { name: 'weather', input_schema: { type: 'object', properties: {} } };
    const strict = {
      type: 'object',
      properties: { days: { type: 'integer', description: 'Days.\nminimum: 1' } },
      required: ['days'],
      additionalProperties: false,
    };
    expect(withFields(fields).tools).toEqual([
      { name: 'f', description: 'F.', input_schema: strict, strict: true, cache_control },
      plain,
    ]);
    expect(withFields(fields, { model: OLD }).tools).toEqual([
      { name: 'f', description: 'F.', input_schema: parameters, cache_control },
      plain,
    ]);
  });

  it.each<[unknown, JsonObject, unknown]>([
    [undefined, {}, undefined],
    ['auto', {}, { type: 'auto' }],
    ['none', {}, { type: 'none' }],
    ['required', {}, { type: 'any' }],
    [{ type: 'function', function: { name: 'weather' } }, {}, { type: 'tool', name: 'weather' }],
    [undefined, { parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    ['required', { parallel_tool_calls: false }, { type: 'any', disable_parallel_tool_use: true }],
    ['none', { parallel_tool_calls: false }, { type: 'none' }],
  ])('are chosen as asked: %j', (tool_choice, fields, expected) => {
    expect(withFields({ tools: [weather], tool_choice, ...fields }).tool_choice).toEqual(expected);
  });

  it('are only those allowed', () => {
    const other = { type: 'function', function: { name: 'other' } };
    const allowed_tools = { mode: 'required', tools: [{ type: 'function', function: { name: 'other' } }] };
    const body = withFields({ tools: [weather, other], tool_choice: { type: 'allowed_tools', allowed_tools } });
    expect(body).toMatchObject({
      tools: [{ name: 'other', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any' },
    });
    expect(body.tools).toHaveLength(1);
  });
});

describe('JSON from Anthropic', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 5 },
      list: { type: 'array', minItems: 2, items: { oneOf: [{ $ref: '#/$defs/one' }, { type: 'null' }] } },
      minimum: { type: 'number' },
    },
    required: ['name'],
    $defs: { one: { type: 'object', properties: {}, additionalProperties: true } },
  };
  const response_format = { type: 'json_schema', json_schema: { name: 'x', schema } };

  it('is held to a schema in the words Anthropic enforces', () => {
    expect(withFields({ response_format, reasoning_effort: 'low' }).output_config).toEqual({
      effort: 'low',
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            name: { type: 'string', description: 'maxLength: 5' },
            list: {
              type: 'array',
              items: { anyOf: [{ $ref: '#/$defs/one' }, { type: 'null' }] },
              description: 'minItems: 2',
            },
            minimum: { type: 'number' },
          },
          required: ['name'],
          additionalProperties: false,
          $defs: { one: { type: 'object', properties: {}, additionalProperties: false } },
        },
      },
    });
  });

  it('is asked for in words where there is no schema, or none is enforced', () => {
    const json = withFields({ response_format: { type: 'json_object' } });
    expect(JSON.stringify(json.system)).toContain('one JSON object');
    const old = withFields({ response_format }, { model: OLD });
    expect(old.output_config).toBeUndefined();
    expect((old.system as { text: string }[])[0]?.text).toContain(JSON.stringify(schema));
  });
});

describe('what Anthropic cannot do', () => {
  it.each<[string, JsonObject]>([
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['web_search_options', { web_search_options: {} }],
    ['functions', { functions: [] }],
    ['tools', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] }],
    [
      'messages[0].content',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://10.0.0.1/x.png' } }] }] },
    ],
  ])('is left to another model: %s', (param, fields) => {
    const failure = caught(() => withFields(fields));
    expect(failure).toMatchObject({ failureClass: 'model', error: { code: 'invalid_request', param, status: 400 } });
  });
});
