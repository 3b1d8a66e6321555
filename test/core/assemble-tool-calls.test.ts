import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lambda/core/json-body.ts';
import { chunk, end, firstChoice, start } from './any-completion.ts';

const calls = (...entries: JsonObject[]) => chunk({ tool_calls: entries });
const called = (id: string, name: string, argumentsText: string): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: argumentsText },
});
const tide = called('call_a', 'tide', '{"at":"noon"}');
const moon = called('call_b', 'moon', '{}');

describe('the assembled tool calls', () => {
  const more = (index: number, text: string) => ({ index, function: { arguments: text } });

  it.each<[string, JsonObject[], JsonObject[]]>([
    [
      "OpenAI's, in parallel",
      [
        calls({ index: 0, ...called('call_a', 'tide', '') }),
        calls(more(0, '{"at":')),
        calls({ index: 1, ...called('call_b', 'moon', '') }),
        calls(more(1, '{'), more(0, '"noon"')),
        calls(more(0, '}')),
        calls(more(1, '}')),
      ],
      [tide, moon],
    ],
    ["Mistral's, whole and without index", [calls(tide, moon)], [tide, moon]],
    ['whole ones without index, chunk by chunk', [calls(tide), calls(moon)], [tide, moon]],
    ["Gemini's, all with index 0", [calls({ ...tide, index: 0 }), calls({ ...moon, index: 0 })], [tide, moon]],
    [
      'those that repeat an empty id and name',
      [
        calls({ index: 0, ...called('call_a', 'tide', '{"at":') }),
        calls({ index: 0, id: '', type: 'function', function: { name: '', arguments: '"noon"}' } }),
      ],
      [tide],
    ],
    [
      'those whose chunks say null and the id again',
      [
        calls({ index: 0, id: 'call_b', type: 'function', function: { name: 'moon', arguments: null } }),
        calls({ index: 0, id: 'call_b', type: null, function: { name: null, arguments: '{}' } }),
      ],
      [moon],
    ],
    [
      "vLLM's, that once had another id in each chunk",
      [
        calls({ index: 0, ...called('call_x', 'moon', '{') }),
        calls({ index: 0, id: 'call_b', type: 'function', function: { arguments: '}' } }),
      ],
      [moon],
    ],
    ['those out of order', [calls({ ...moon, index: 1 }), calls({ ...tide, index: 0 })], [tide, moon]],
    [
      'without id and index',
      [
        calls({ function: { name: 'tide', arguments: '{' } }),
        calls({ function: { arguments: '}' } }),
        calls({ function: { name: 'moon', arguments: '{}' } }),
      ],
      [{ function: { name: 'tide', arguments: '{}' } }, { function: { name: 'moon', arguments: '{}' } }],
    ],
    [
      'with more in them',
      [calls({ ...moon, index: 0, extra_content: { google: { thought_signature: 'x' } } })],
      [{ ...moon, extra_content: { google: { thought_signature: 'x' } } }],
    ],
    [
      "OpenAI's custom ones",
      [
        calls({ index: 0, id: 'c', type: 'custom', custom: { name: 'code', input: 'print' } }),
        calls({ index: 0, custom: { input: '(1)' } }),
      ],
      [{ id: 'c', type: 'custom', custom: { name: 'code', input: 'print(1)' } }],
    ],
  ])('%s', (_name, chunks, expected) => {
    const choice = firstChoice(start, ...chunks, end('tool_calls'));
    expect(choice?.message).toEqual({ role: 'assistant', content: null, tool_calls: expected });
    expect(choice?.finish_reason).toBe('tool_calls');
  });
});
