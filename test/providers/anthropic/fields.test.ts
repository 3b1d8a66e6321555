import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../lambda/core/json-body.ts';
import { BUDGETED, OLD, type Options, weather, withFields } from './translate.ts';

describe('the fields of a request to Anthropic', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['stop', { stop: 'END' }, { stop_sequences: ['END'] }],
    ['blank stop', { stop: ['\n', 'END'] }, { stop_sequences: ['END'] }],
    ['user', { user: 'u-1' }, { metadata: { user_id: 'u-1' } }],
    ['safety_identifier', { safety_identifier: 'x'.repeat(300) }, { metadata: { user_id: 'x'.repeat(256) } }],
    ['service_tier', { service_tier: 'default' }, { service_tier: 'standard_only' }],
    ['cache_control', { cache_control: { type: 'ephemeral' } }, { cache_control: { type: 'ephemeral' } }],
    ['effort', { reasoning_effort: 'low' }, thinking('low')],
    ['least effort', { reasoning_effort: 'minimal' }, thinking('low')],
    ['no effort', { reasoning_effort: 'none' }, { output_config: { effort: 'low' } }],
    ['own thinking', { thinking: { type: 'enabled', budget_tokens: 9 } }, thinking()],
    ['thinking off', { thinking: { type: 'disabled' } }, { thinking: { type: 'disabled' } }],
    ['sampling', { temperature: 0.5, top_p: 0.5, top_k: 5 }, {}],
    ['what changes little', { seed: 1, frequency_penalty: 1, logit_bias: {}, store: true, n: 1, logprobs: false }, {}],
  ])('%s', (_name, fields, expected) => {
    const { model, max_tokens, messages, ...rest } = withFields(fields);
    expect(rest).toEqual(expected);
  });

  function thinking(effort?: string): JsonObject {
    const adaptive = { thinking: { type: 'adaptive', display: 'summarized' } };
    return effort === undefined ? adaptive : { ...adaptive, output_config: { effort } };
  }

  it.each<[string, JsonObject, Options, number]>([
    ['the gateway', { max_tokens: 5 }, { maxTokens: 7 }, 7],
    ['max_completion_tokens', { max_tokens: 5, max_completion_tokens: 6 }, {}, 6],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: null }, { defaultMaxOutputTokens: 9 }, 5],
    ['the model', {}, { defaultMaxOutputTokens: 9 }, 9],
  ])('the limit comes from %s', (_name, fields, options, expected) => {
    expect(withFields(fields, options).max_tokens).toBe(expected);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['low', { reasoning_effort: 'low', max_tokens: 20_000 }, { type: 'enabled', budget_tokens: 4_000 }],
    ['medium', { reasoning_effort: 'medium', max_tokens: 2_048 }, { type: 'enabled', budget_tokens: 1_024 }],
    ['high', { reasoning_effort: 'high', max_tokens: 64_000 }, { type: 'enabled', budget_tokens: 32_000 }],
    [
      'own',
      { thinking: { type: 'enabled', budget_tokens: 9_000 }, max_tokens: 5_000 },
      { type: 'enabled', budget_tokens: 4_999 },
    ],
    ['adaptive', { thinking: { type: 'adaptive' }, max_tokens: 4_000 }, { type: 'enabled', budget_tokens: 2_000 }],
  ])('thinking has a budget below the limit in older generations: %s', (_name, fields, expected) => {
    expect(withFields({ ...fields, temperature: 0.1 }, { model: BUDGETED })).toMatchObject({ thinking: expected });
    expect(withFields({ ...fields, temperature: 0.1 }, { model: BUDGETED }).temperature).toBeUndefined();
    expect(withFields(fields, { model: OLD }).thinking).toBeUndefined();
  });

  it('no thinking fits a small limit or a forced tool', () => {
    const tight = { reasoning_effort: 'high', max_tokens: 1_500 };
    expect(withFields(tight, { model: BUDGETED }).thinking).toBeUndefined();
    const forced = { tools: [weather], tool_choice: 'required', reasoning_effort: 'high', max_tokens: 9_000 };
    expect(withFields(forced, { model: BUDGETED }).thinking).toBeUndefined();
    expect(withFields(forced).thinking).toBeUndefined();
  });

  it('the temperature of older generations ends at 1, and excludes top_p', () => {
    const body = withFields({ temperature: 1.7, top_p: 0.5, top_k: 5 }, { model: BUDGETED });
    expect(body).toMatchObject({ temperature: 1, top_k: 5 });
    expect(body.top_p).toBeUndefined();
    expect(withFields({ top_p: 0.5 }, { model: OLD }).top_p).toBe(0.5);
  });

  it.each([
    ['claude-opus-4-6', 'adaptive', true],
    ['claude-opus-4-7', 'adaptive', false],
    ['claude-sonnet-5', 'adaptive', false],
    ['claude-opus-4-1-20250805', 'enabled', true],
    ['claude-sonnet-4-20250514', 'enabled', true],
    ['claude-opus-4-5@20251101', 'enabled', true],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 'enabled', true],
    ['claude-3-7-sonnet-20250219', 'enabled', true],
    ['claude-mythos-preview', 'adaptive', false],
  ])('%s is known by its name', (model, type, takesTemperature) => {
    const effort = { reasoning_effort: 'high', max_tokens: 9_000 };
    expect(withFields(effort, { model }).thinking).toMatchObject({ type });
    expect(withFields({ temperature: 0 }, { model }).temperature).toBe(takesTemperature ? 0 : undefined);
  });
});
