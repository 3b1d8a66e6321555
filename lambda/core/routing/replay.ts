import { costOf, type MicroDollars } from '../price.ts';
import type { UsageEvent } from '../usage-event.ts';
import { type Asked, type Availability, chooseModel, type Parts, reasonAgainst } from './choose-model.ts';
import { ordinaryChoice } from './choose-route.ts';
import { isFixed } from './policy.ts';

/** What a number of requests cost, or would have cost. */
export interface ReplayLine {
  /** Those that are counted here. */
  requests: number;
  /** Those that the model, or any model, could not have taken. */
  unfit: number;
  costMicroDollars: MicroDollars;
  /** Those whose model has a published quality, and the sum of what was to be expected of it. */
  rated: number;
  qualitySum: number;
}

/** Why an event cannot be replayed. */
export type LeftOut = 'sideCalls' | 'named' | 'earlier' | 'notAnswered' | 'reused';

/** What requests did cost, and would have cost by each policy and with each rated model. Sums of replays are replays. */
export interface Replay {
  actual: ReplayLine;
  policies: Map<string, ReplayLine>;
  models: Map<string, ReplayLine>;
  leftOut: Record<LeftOut, number>;
}

const line = (): ReplayLine => ({ requests: 0, unfit: 0, costMicroDollars: 0, rated: 0, qualitySum: 0 });

/** A replay of nothing. */
export function newReplay({ routing, qualities, models }: Parts): Replay {
  const rated = Object.keys(qualities).filter((id) => Object.hasOwn(models, id));
  return {
    actual: line(),
    policies: new Map(Object.keys(routing.policies).map((name) => [name, line()])),
    models: new Map(rated.sort().map((id) => [id, line()])),
    leftOut: { sideCalls: 0, named: 0, earlier: 0, notAnswered: 0, reused: 0 },
  };
}

const EVERYTHING: Availability = { mayUse: () => true, isDown: () => false, hasKey: () => true };

/**
 * Takes an event into a replay, in place: each policy chooses for its request once more, among the models that could be had
 * then, and the tokens that were used cost what they do today. Splits, conversations and callers' scores have no part in it.
 */
export function replayEvent(replay: Replay, event: UsageEvent, parts: Parts): void {
  const left = whyLeftOut(event);
  if (left !== undefined) {
    replay.leftOut[left] += 1;
    return;
  }
  const asked = askedBy(event);
  const then = availabilityThen(event);
  const qualities = qualitiesFor(asked, parts);
  const { actual, policies, models } = replay;
  add(actual, event.costMicroDollars, qualities.get(event.model ?? ''));
  const take = (into: ReplayLine, modelId: string | undefined) => {
    const model = modelId === undefined ? undefined : parts.models[modelId];
    if (modelId === undefined || model === undefined) into.unfit += 1;
    else add(into, costOf(event.usage, model.price), qualities.get(modelId));
  };
  for (const [name, into] of policies) take(into, takenBy(name, asked, parts, then));
  for (const [modelId, into] of models) take(into, qualities.has(modelId) ? modelId : undefined);
}

function whyLeftOut({ side, routing, outcome, cache, attempts, coalescedWith }: UsageEvent): LeftOut | undefined {
  if (side !== undefined) return 'sideCalls';
  if (routing === undefined) return 'named';
  if (routing.demand === undefined) return 'earlier';
  if (outcome !== 'answered') return 'notAnswered';
  return cache !== undefined || coalescedWith !== undefined || attempts === 0 ? 'reused' : undefined;
}

/** What the request asked, as far as its event tells; a choice goes by nothing else. */
function askedBy({ routing }: UsageEvent): Asked {
  if (routing === undefined) throw new Error('Only routed requests are replayed.');
  const { taskClass, confidence, demand, topic, needs, maxCostPer1MTokens, maxOutputTokens } = routing;
  return {
    reading: { taskClass, confidence, demand, weakFailure: 0 },
    topic,
    needs: {
      inputTokens: needs.inputTokens,
      inputs: new Set(needs.inputs),
      tools: needs.tools === true,
      jsonSchema: needs.jsonSchema === true,
    },
    maxCostPer1MTokens,
    maxOutputTokens,
  };
}

function availabilityThen({ routing }: UsageEvent): Availability {
  const leftOut = new Set(routing?.leftOut);
  return {
    mayUse: () => true,
    isDown: (modelId) => leftOut.has(modelId),
    hasKey: (providerId) => !leftOut.has(`${providerId}/`),
  };
}

/** What was to be expected of each rated model that the request could have had, whoever had keys and was up. */
function qualitiesFor(asked: Asked, parts: Parts): Map<string, number> {
  const best = { tolerance: 0, prefer: 'quality' } as const;
  const choice = chooseModel({ ...asked, topic: undefined, policy: best }, parts, EVERYTHING);
  const all = Array.isArray(choice) ? [] : [choice.taken, ...choice.notTaken];
  return new Map(
    all.flatMap(({ modelId, expectedQuality: quality }) => (quality === undefined ? [] : [[modelId, quality]])),
  );
}

function takenBy(name: string, asked: Asked, parts: Parts, then: Availability): string | undefined {
  const policy = parts.routing.policies[name];
  if (policy === undefined) return undefined;
  if (isFixed(policy)) return reasonAgainst(policy.model, asked, parts, EVERYTHING) ? undefined : policy.model;
  const choice = ordinaryChoice({ ...asked, policy }, parts, then);
  return Array.isArray(choice) ? undefined : choice.taken.modelId;
}

function add(into: ReplayLine, cost: MicroDollars, quality: number | undefined): void {
  into.requests += 1;
  into.costMicroDollars += cost;
  if (quality === undefined) return;
  into.rated += 1;
  into.qualitySum += quality;
}
