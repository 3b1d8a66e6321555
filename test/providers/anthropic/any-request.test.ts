import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMessages } from '../../../lambda/core/chat-request.ts';
import type { JsonObject } from '../../../lambda/core/json-body.ts';
import { ProviderFailure } from '../../../lambda/core/provider-failure.ts';
import { BUDGETED, caught, NEWEST, OLD, translate } from './translate.ts';

describe('any conversation OpenAI takes', () => {
  const words = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', ' ', '\n', '{}', '[1]', '"'),
  );
  const textPart = fc.record({ type: fc.constant('text'), text: words, cache_control: fc.constantFrom(undefined, {}) });
  const content = fc.oneof(words, fc.array(textPart, { maxLength: 3 }));
  const toolCall = fc.record({
    id: words,
    type: fc.constant('function'),
    function: fc.record({ name: words, arguments: fc.oneof(words, fc.json()) }),
  });
  const thinkingBlock = fc.record(
    {
      type: fc.constantFrom('thinking', 'redacted_thinking', 'other'),
      thinking: words,
      signature: words,
      data: words,
      text_before: fc.oneof(fc.nat(40), fc.double()),
      tool_calls_before: fc.nat(4),
    },
    { requiredKeys: ['type'] },
  );
  const message: fc.Arbitrary<JsonObject> = fc.oneof(
    fc.record({ role: fc.constantFrom('system', 'developer', 'user'), content }),
    fc.record({ role: fc.constant('tool'), tool_call_id: words, content }),
    fc.record({ role: fc.constant('function'), name: words, content }),
    fc.record(
      {
        role: fc.constant('assistant'),
        content: fc.oneof(content, fc.constant(null)),
        tool_calls: fc.array(toolCall, { maxLength: 3 }),
        thinking_blocks: fc.array(thinkingBlock, { maxLength: 3 }),
        refusal: fc.oneof(words, fc.constant(null)),
        function_call: fc.record({ name: words, arguments: words }),
      },
      { requiredKeys: ['role'] },
    ),
  );
  const body = fc.record(
    {
      messages: fc.array(message, { minLength: 1, maxLength: 8 }),
      reasoning_effort: fc.oneof(words, fc.constantFrom('none', 'low', 'high', 'toString')),
      thinking: fc.oneof(fc.anything(), fc.record({ type: words, budget_tokens: fc.double() })),
      max_tokens: fc.integer({ min: 1, max: 100_000 }),
      tool_choice: fc.anything(),
      response_format: fc.oneof(
        fc.anything(),
        fc.record({ type: fc.constant('json_schema'), json_schema: fc.record({ schema: fc.anything() }) }),
      ),
      stop: fc.oneof(words, fc.array(words), fc.constant(null)),
      temperature: fc.double({ min: 0, max: 2 }),
      user: words,
      n: fc.integer({ min: 1, max: 2 }),
    },
    { requiredKeys: ['messages'] },
  );
  const models = fc.constantFrom(NEWEST, BUDGETED, OLD, 'claude-opus-4-6');

  it('is translated without a mistake, or refused with a failure', () => {
    fc.assert(
      fc.property(body, models, (chat, model) => {
        checkMessages(chat.messages);
        const result = caught(() => translate(chat, { model }));
        if (result instanceof ProviderFailure) return;
        expect(result).not.toBeInstanceOf(Error);
        const { messages, thinking, output_config: output } = JSON.parse(JSON.stringify(result));
        expect(thinking?.budget_tokens ?? 1_024).toBeGreaterThanOrEqual(1_024);
        expect(output?.effort ?? 'low').toMatch(/^(low|medium|high|xhigh|max)$/);
        expectGoodTurns(messages);
      }),
      { numRuns: 500 },
    );
  });

  /** What the API demands of every conversation. */
  function expectGoodTurns(turns: { role: string; content: JsonObject[] }[]): void {
    expect(turns[0]?.role).toBe('user');
    for (const [index, { role, content: blocks }] of turns.entries()) {
      expect(role).not.toBe(turns[index - 1]?.role);
      expect(blocks.length).toBeGreaterThan(0);
      for (const { text: one } of blocks) if (typeof one === 'string') expect(one.trim()).not.toBe('');
      const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result');
      if (firstOther >= 0) expect(blocks.slice(firstOther).map(({ type }) => type)).not.toContain('tool_result');
    }
  }

  it('keeps every text', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
        const result = caught(() => translate({ messages }));
        if (result instanceof ProviderFailure) return;
        const { system = [], messages: turns } = result as {
          system?: JsonObject[];
          messages: Parameters<typeof said>[0];
        };
        const all = `${said([{ role: '', content: system }])}${said(turns)}`;
        for (const one of messages.flatMap(textsOf)) expect(all).toContain(one);
      }),
      { numRuns: 500 },
    );
  });

  function said(turns: { role: string; content: JsonObject[] }[]): string {
    return turns
      .flatMap(({ content: blocks }) => blocks)
      .map((block) => (Array.isArray(block.content) ? block.content.map(({ text: one }) => one).join('') : block.text))
      .join('');
  }

  /** What a message says, without the white space an answer may not end with. Positions may cut a blank out. */
  function textsOf({ content: said_ }: JsonObject): string[] {
    const list = typeof said_ === 'string' ? [said_] : Array.isArray(said_) ? said_.map(({ text: one }) => one) : [];
    return list.flatMap((one) => one.split(/\s+/)).filter((one) => one !== '');
  }
});
