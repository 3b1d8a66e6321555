import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configuration } from '../../../config/index.ts';
import type { Model } from '../../../lambda/core/configuration.ts';
import { type ChoiceRequest, chooseModel } from '../../../lambda/core/routing/choose-model.ts';
import { priorQuality } from '../../../lambda/core/routing/quality.ts';
import { anyAvailability, anyRequest, ids } from './any-choice-request.ts';

const everything = { mayUse: () => true, isDown: () => false, hasKey: () => true };

const request: ChoiceRequest = {
  reading: { taskClass: 'coding', confidence: 0.9, demand: 1, weakFailure: 0.4 },
  topic: undefined,
  policy: { tolerance: 0.05, prefer: 'price' },
  needs: { inputs: new Set(), tools: false, jsonSchema: false, inputTokens: 500 },
};

describe('the chosen model', () => {
  it('is never beaten on price and quality by another that fits, unless the conversation is there already', () => {
    fc.assert(
      fc.property(anyRequest, anyAvailability, (asked, availability) => {
        const choice = chooseModel(asked, configuration, availability);
        if (Array.isArray(choice) || choice.because === 'conversation') return;
        const priorOf = (id: string) => priorQuality(configuration.qualities[id] as never, asked.reading.taskClass);
        const fitting = choice.notTaken.filter((not) =>
          ['dominated', 'below_tolerance', 'costs_more', 'slower', 'lower_quality'].includes(not.reason),
        );
        for (const { modelId, cost = 0 } of fitting) {
          const isBetter = priorOf(modelId) > priorOf(choice.taken.modelId);
          const isCheaper = cost < choice.taken.cost;
          const isBeaten =
            cost <= choice.taken.cost && priorOf(modelId) >= priorOf(choice.taken.modelId) && (isBetter || isCheaper);
          expect(isBeaten).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is never above the ceiling, not allowed, down, without a key or in another region', () => {
    fc.assert(
      fc.property(anyRequest, anyAvailability, (asked, availability) => {
        const choice = chooseModel(asked, configuration, availability);
        if (Array.isArray(choice)) return;
        const { modelId, cost } = choice.taken;
        const model = configuration.models[modelId];
        if (!model) throw new Error(`${modelId} is no model.`);
        const { price } = model;
        expect(Math.max(price.inputPerMillion, price.outputPerMillion)).toBeLessThanOrEqual(
          asked.maxCostPer1MTokens ?? Number.POSITIVE_INFINITY,
        );
        expect(cost).toBeLessThanOrEqual(asked.remaining ?? Number.POSITIVE_INFINITY);
        expect(availability.mayUse(modelId) && !availability.isDown(modelId)).toBe(true);
        expect(availability.hasKey(model.provider)).toBe(true);
        if (asked.region) expect(configuration.providers[model.provider]?.region).toBe(asked.region);
      }),
      { numRuns: 500 },
    );
  });

  it('is never one that can cost more than is left, and one that fits is left out for nothing else', () => {
    fc.assert(
      fc.property(anyRequest, fc.integer({ min: 0, max: 200_000 }), (asked, remaining) => {
        const mostCost = ({ price }: Model) => Math.round(1_000 * (price.inputPerMillion + price.outputPerMillion));
        const isTooDear = ({ modelId }: { modelId: string }) =>
          mostCost(configuration.models[modelId] as Model) > remaining;
        const choice = chooseModel({ ...asked, remaining, mostCost }, configuration, everything);
        const [taken, others] = Array.isArray(choice) ? [[], choice] : [[choice.taken], choice.notTaken];
        const compared = others.filter(({ expectedQuality }) => expectedQuality !== undefined);
        expect([...taken, ...compared].filter(isTooDear)).toEqual([]);
        expect(others.filter(({ reason }) => reason === 'budget').every(isTooDear)).toBe(true);
      }),
    );
  });

  it('is within the tolerance of the best that fits', () => {
    fc.assert(
      fc.property(anyRequest, anyAvailability, (asked, availability) => {
        const choice = chooseModel(asked, configuration, availability);
        if (Array.isArray(choice) || choice.because === 'conversation') return;
        const rated = choice.notTaken.filter((not) => not.expectedQuality !== undefined);
        const best = Math.max(...rated.map((not) => not.expectedQuality ?? 0));
        expect(choice.taken.expectedQuality).toBeGreaterThanOrEqual(best - asked.policy.tolerance - 1e-12);
      }),
    );
  });

  it('is the same for the same request, and every other candidate says why it was not taken', () => {
    fc.assert(
      fc.property(anyRequest, anyAvailability, (asked, availability) => {
        const choice = chooseModel(asked, configuration, availability);
        expect(chooseModel(asked, configuration, availability)).toEqual(choice);
        const named = Array.isArray(choice) ? choice : [choice.taken, ...choice.notTaken];
        expect(named.map(({ modelId }) => modelId).sort()).toEqual([...ids].sort());
      }),
    );
  });

  it('is dearer for what demands more', () => {
    const cost = (demand: number) => {
      const choice = chooseModel({ ...request, reading: { ...request.reading, demand } }, configuration, everything);
      return Array.isArray(choice) ? 0 : choice.taken.cost;
    };
    expect(cost(2)).toBeGreaterThan(cost(0.25));
  });
});

describe("callers' scores", () => {
  it('move the choice where models are close', () => {
    const best = { ...request, policy: { tolerance: 0, prefer: 'quality' as const } };
    const opinion = { taskClass: 'coding' as const, count: 10_000 };
    const opinions = [
      { ...opinion, modelId: 'anthropic/claude-opus-5-5', meanScore: 0.2 },
      { ...opinion, modelId: 'openai/gpt-6-sol', meanScore: 0.9 },
    ];
    const learned = { isFrozen: false, opinions, signals: [] };
    expect(chooseModel(best, configuration, everything)).toMatchObject({
      taken: { modelId: 'anthropic/claude-opus-5-5' },
    });
    expect(chooseModel({ ...best, learned }, configuration, everything)).toMatchObject({
      taken: { modelId: 'openai/gpt-6-sol' },
    });
  });
});

describe('a conversation', () => {
  const before = 'openai/gpt-5.6-luna';
  const question = { ...request, reading: { ...request.reading, taskClass: 'qa' as const } };

  it('stays with its model while that is healthy and suits', () => {
    const choice = chooseModel({ ...question, previousModel: before }, configuration, everything);
    expect(choice).toMatchObject({ taken: { modelId: before }, because: 'conversation' });
  });

  it('moves when its model is down, and says so', () => {
    const down = { ...everything, isDown: (id: string) => id === before };
    expect(chooseModel({ ...request, previousModel: before }, configuration, down)).toMatchObject({
      movedBecause: 'circuit_open',
    });
  });

  it('moves when another model is expected to be much better', () => {
    const weak = { ...request, previousModel: 'openai/gpt-4o-mini' };
    expect(chooseModel(weak, configuration, everything)).toMatchObject({ movedBecause: 'unsuited' });
  });
});

describe('a topic', () => {
  const asked = { ...request, topic: 'plant cultivation' };

  it('falls back to a general model where its own is not offered', () => {
    const choice = chooseModel(asked, configuration, everything);
    if (Array.isArray(choice)) throw new Error('Nothing was chosen.');
    expect(choice.because).toBe('price');
    expect(choice.notTaken).toContainEqual({ modelId: 'crowelogic/mini', reason: 'not_configured' });
  });

  it('goes to its own model, unless that is down', () => {
    const mini = { ...configuration.models['openai/gpt-4o-mini'], provider: 'openai' } as never;
    const offered = { ...configuration, models: { ...configuration.models, 'crowelogic/mini': mini } };
    expect(chooseModel(asked, offered, everything)).toMatchObject({
      taken: { modelId: 'crowelogic/mini' },
      because: 'topic',
    });
    const down = { ...everything, isDown: (id: string) => id === 'crowelogic/mini' };
    expect(chooseModel(asked, offered, down)).toMatchObject({ because: 'price' });
  });

  it('keeps its conversation with its own model, until the talk turns to code', () => {
    const mini = { ...configuration.models['openai/gpt-4o-mini'], provider: 'openai' } as never;
    const offered = { ...configuration, models: { ...configuration.models, 'crowelogic/mini': mini } };
    const later = { ...request, previousModel: 'crowelogic/mini' };
    const question = { ...later, reading: { ...later.reading, taskClass: 'qa' as const } };
    expect(chooseModel(question, offered, everything)).toMatchObject({
      taken: { modelId: 'crowelogic/mini' },
      because: 'conversation',
    });
    expect(chooseModel(later, offered, everything)).toMatchObject({ because: 'price' });
  });
});
