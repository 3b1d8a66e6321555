import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configuration } from '../../../config/index.ts';
import { problemsIn } from '../../../lambda/core/configuration.ts';
import { type Availability, reasonAgainst } from '../../../lambda/core/routing/choose-model.ts';
import {
  chooseRoute,
  ordinaryChoice,
  type RouteRequest,
  shadowFor,
} from '../../../lambda/core/routing/choose-route.ts';
import type { Policy } from '../../../lambda/core/routing/policy.ts';
import { isInShare } from '../../../lambda/core/share.ts';
import { anyAvailability, anyRequest } from './any-choice-request.ts';

const everything: Availability = { mayUse: () => true, isDown: () => false, hasKey: () => true };
const base = 'openai/gpt-4o';
const candidate = 'openai/gpt-4o-mini';

const request: RouteRequest = {
  reading: { taskClass: 'coding', confidence: 0.9, demand: 1, weakFailure: 0.4 },
  topic: undefined,
  policy: { model: base, split: { model: candidate, percent: 10 } },
  needs: { inputs: new Set(), tools: false, jsonSchema: false, inputTokens: 500 },
  conversation: 'acme 1',
};

function taken(asked: RouteRequest, availability = everything) {
  const choice = chooseRoute(asked, configuration, availability);
  return Array.isArray(choice) ? undefined : choice.taken.modelId;
}

const splitting = (percent: number, fields: Partial<RouteRequest> = {}): RouteRequest => ({
  ...request,
  policy: { model: base, split: { model: candidate, percent } },
  ...fields,
});

const anyTrial = fc.record({
  asked: anyRequest,
  conversation: fc.uuid(),
  percent: fc.double({ min: 0, max: 100, noNaN: true }),
  availability: anyAvailability,
});

describe('the share of a split', () => {
  it.each([1, 10, 50, 90])('is %i % of 20,000 conversations, within what chance allows', (percent) => {
    const count = 20_000;
    const inShare = Array.from({ length: count }, (_, index) => index).filter(
      (index) => taken(splitting(percent, { conversation: `acme ${index}` })) === candidate,
    ).length;
    const share = percent / 100;
    const deviation = Math.sqrt(count * share * (1 - share));
    expect(Math.abs(inShare - count * share)).toBeLessThan(4 * deviation);
  });

  it('is nobody at 0 % and everybody at 100 %, and whoever is in it stays in it while it grows', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.nat({ max: 100 }),
        (name, some, more) => {
          expect(isInShare(name, 0)).toBe(false);
          expect(isInShare(name, 100)).toBe(true);
          if (isInShare(name, some)) expect(isInShare(name, Math.min(100, some + more))).toBe(true);
        },
      ),
    );
  });

  it('is the same for every turn of a conversation, whichever of the two answered before', () => {
    fc.assert(
      fc.property(fc.uuid(), (conversation) => {
        const first = taken(splitting(50, { conversation }));
        expect(taken(splitting(50, { conversation, previousModel: first }))).toBe(first);
      }),
    );
  });

  it('takes only what fits: otherwise the ordinary choice stands', () => {
    fc.assert(
      fc.property(anyTrial, ({ asked, conversation, percent, availability }) => {
        const policy: Policy = { ...asked.policy, split: { model: candidate, percent } };
        const routed: RouteRequest = { ...asked, policy, conversation };
        const choice = chooseRoute(routed, configuration, availability);
        if (!Array.isArray(choice) && choice.because === 'split') {
          expect(choice.taken.modelId).toBe(candidate);
          expect(reasonAgainst(candidate, routed, configuration, availability)).toBeUndefined();
        } else if (asked.previousModel !== candidate) {
          expect(choice).toEqual(ordinaryChoice(routed, configuration, availability));
        }
        expect(chooseRoute(routed, configuration, availability)).toEqual(choice);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a split', () => {
  const down = { ...everything, isDown: (id: string) => id === candidate };

  it('leaves alone a conversation that is with the other model, and brings back who is no longer in the share', () => {
    expect(taken(splitting(100, { previousModel: base }))).toBe(base);
    expect(taken(splitting(100, { previousModel: candidate }))).toBe(candidate);
    expect(taken(splitting(0, { previousModel: candidate }))).toBe(base);
  });

  it('is passed over while its model is down, forbidden, too dear or lacks what is needed', () => {
    expect(taken(splitting(100))).toBe(candidate);
    expect(taken(splitting(100), down)).toBe(base);
    expect(taken(splitting(100), { ...everything, mayUse: (id) => id !== candidate })).toBe(base);
    expect(taken(splitting(100, { maxCostPer1MTokens: 0.1 }))).toBe(base);
    expect(taken(splitting(100, { needs: { ...request.needs, inputTokens: 500_000 } }))).toBe(base);
  });

  it('goes behind the model for a topic', () => {
    const topics = { plants: { models: [base], words: async () => ({}) as never } };
    const policy: Policy = { tolerance: 0.05, prefer: 'price', split: { model: candidate, percent: 100 } };
    const choice = chooseRoute({ ...request, policy, topic: 'plants' }, { ...configuration, topics }, everything);
    expect(choice).toMatchObject({ taken: { modelId: base }, because: 'topic' });
  });
});

describe('a shadow', () => {
  const shadowed = (percent: number): RouteRequest => ({
    ...request,
    policy: { model: base, shadow: { model: candidate, percent } },
  });
  const of = (percent: number, requestId: string, availability = everything) =>
    shadowFor(shadowed(percent), base, requestId, configuration, availability);

  it('is asked for its share of requests, if it fits, and never where it answered itself', () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => `request ${index}`);
    const count = ids.filter((id) => of(20, id) === candidate).length;
    expect(Math.abs(count - 1_000)).toBeLessThan(4 * Math.sqrt(5_000 * 0.2 * 0.8));
    expect(of(100, 'a', { ...everything, isDown: (id) => id === candidate })).toBeUndefined();
    expect(shadowFor(shadowed(100), candidate, 'a', configuration, everything)).toBeUndefined();
  });
});

describe('a configuration', () => {
  const problemsOf = (policy: object, aliases: Record<string, string> = {}) =>
    problemsIn({
      ...configuration,
      routing: { policies: { trial: policy as Policy }, defaultPolicy: 'trial', aliases },
    });

  it.each([
    [{ model: 'openai/gpt-99' }, 'the model openai/gpt-99'],
    [{ model: base, prefer: 'price' }, 'prefer nothing'],
    [{ model: base, split: { model: base, percent: 1 } }, "policy's own model"],
    [{ model: base, split: { model: 'no/model', percent: 1 } }, 'no/model'],
    [{ model: base, shadow: { model: candidate, percent: 101 } }, 'percent from 0 to 100'],
    [{ model: base, shadow: { model: candidate } }, 'percent from 0 to 100'],
    [{ split: { model: candidate, percent: 1 } }, 'tolerance'],
  ])('with the policy %j is told so', (policy, part) => {
    expect(problemsOf(policy).join('\n')).toContain(part);
  });

  it('may split what an application names already, as long as the name means its own model first', () => {
    const policy = { model: base, split: { model: candidate, percent: 10 } };
    expect(problemsOf(policy, { [base]: 'trial' })).toEqual([]);
    expect(problemsOf(policy, { [candidate]: 'trial' }).join()).toContain('its policy must have that model');
  });
});
