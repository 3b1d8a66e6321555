import fc from 'fast-check';
import { configuration } from '../../../config/index.ts';
import type { ChoiceRequest } from '../../../lambda/core/routing/choose-model.ts';
import { isFixed } from '../../../lambda/core/routing/policy.ts';
import { TASK_CLASSES } from '../../../lambda/core/routing/task-class.ts';

/** Models that have a published quality. */
export const ids = Object.keys(configuration.qualities);

const preferences = Object.values(configuration.routing.policies).flatMap((policy) =>
  isFixed(policy) ? [] : [policy],
);

/** Anything that may be asked of a choice. */
export const anyRequest: fc.Arbitrary<ChoiceRequest> = fc.record(
  {
    reading: fc.record({
      taskClass: fc.constantFrom(...TASK_CLASSES),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      demand: fc.double({ min: 0.25, max: 2, noNaN: true }),
      weakFailure: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    topic: fc.constant(undefined),
    policy: fc.constantFrom(...preferences),
    needs: fc.record({
      inputs: fc.subarray(['image', 'file'] as const).map((kinds) => new Set(kinds)),
      tools: fc.boolean(),
      jsonSchema: fc.boolean(),
      inputTokens: fc.integer({ min: 1, max: 400_000 }),
    }),
    region: fc.option(fc.constantFrom('eu', 'us'), { nil: undefined }),
    maxCostPer1MTokens: fc.option(fc.double({ min: 0.3, max: 30, noNaN: true }), { nil: undefined }),
    remaining: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
    previousModel: fc.option(fc.constantFrom(...ids), { nil: undefined }),
  },
  { requiredKeys: ['reading', 'topic', 'policy', 'needs'] },
) as fc.Arbitrary<ChoiceRequest>;

/** Any models that are down, forbidden or without a key. */
export const anyAvailability = fc
  .record({ down: fc.subarray(ids), forbidden: fc.subarray(ids), keyless: fc.subarray(['openai', 'gemini', 'groq']) })
  .map(({ down, forbidden, keyless }) => ({
    mayUse: (id: string) => !forbidden.includes(id),
    isDown: (id: string) => down.includes(id),
    hasKey: (provider: string) => !keyless.includes(provider as never),
  }));
