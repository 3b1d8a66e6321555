import fc from 'fast-check';
import { given } from '../../lambda/core/given.ts';
import { requestId } from '../../lambda/core/request-id.ts';
import type { Outcome, UsageEvent } from '../../lambda/core/usage-event.ts';

const OUTCOMES: Outcome[] = ['answered', 'interrupted', 'client_closed', 'failed', 'rejected'];
const tokens = fc.nat({ max: 200_000 });
const name = fc.constantFrom('ada', 'bob', '__proto__', 'constructor', 'ユーザー', 'a#b');

/** Any event of an account that began from one time to before another. */
export function anyUsageEvent(account: string, fromMs: number, toMs: number): fc.Arbitrary<UsageEvent> {
  return fc
    .record({
      startedAtMs: fc.integer({ min: fromMs, max: toMs - 1 }),
      uuid: fc.uuid({ version: 4 }),
      outcome: fc.constantFrom(...OUTCOMES),
      model: fc.option(fc.constantFrom('openai/gpt-4o', 'anthropic/claude-haiku-4-5'), { nil: undefined }),
      user: fc.option(name, { nil: undefined }),
      tags: fc.option(fc.array(name, { maxLength: 3 }), { nil: undefined }),
      keyId: fc.constantFrom('key_1', 'key_2'),
      cache: fc.option(fc.constantFrom('exact' as const, 'coalesced' as const), { nil: undefined }),
      costMicroDollars: fc.nat({ max: 1_000_000 }),
      savedMicroDollars: fc.option(fc.nat({ max: 1_000_000 }), { nil: undefined }),
      routingSavedMicroDollars: fc.option(fc.integer({ min: -1_000, max: 1_000_000 }), { nil: undefined }),
      route: fc.option(
        fc.record({
          policy: fc.constantFrom('balanced', 'best'),
          because: fc.constantFrom('price', 'split', 'shadow'),
          model: fc.constantFrom('openai/gpt-4o', 'openai/gpt-4o-mini'),
        }),
        { nil: undefined },
      ),
      score: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }),
      attempts: fc.nat({ max: 4 }),
      latencyMs: fc.nat({ max: 300_000 }),
      timeToFirstTokenMs: fc.option(fc.nat({ max: 60_000 }), { nil: undefined }),
      usage: fc.record({
        uncachedInputTokens: tokens,
        cacheReadTokens: tokens,
        cacheWriteTokens: tokens,
        cacheWrite1hTokens: fc.option(tokens, { nil: undefined }),
        audioInputTokens: tokens,
        textOutputTokens: tokens,
        reasoningTokens: tokens,
        audioOutputTokens: tokens,
        estimated: fc.boolean(),
      }),
    })
    .map(({ uuid, model, route, score, ...said }) => {
      const usage = given(said.usage);
      const fields = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
      return {
        ...fields,
        usage,
        ...(route === undefined ? {} : { routing: route }),
        ...(route?.because === 'shadow'
          ? { side: { kind: 'shadow' as const, of: requestId(said.startedAtMs, uuid) } }
          : {}),
        ...(score === undefined ? {} : { score: score / 1_000 }),
        ...(model === undefined ? {} : { model, provider: model.split('/')[0] }),
        requestId: requestId(said.startedAtMs, uuid),
        account,
        wire: 'openai',
        stream: false,
        requestedModel: model ?? null,
        priceCatalogueVersion: 'test',
      } as UsageEvent;
    });
}
