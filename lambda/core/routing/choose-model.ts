import type { Configuration, Model } from '../configuration.ts';
import { isWithinPrice, type MicroDollars } from '../price.ts';
import { lackOf, type RequestNeeds } from '../request-needs.ts';
import { estimateCost } from './estimate-cost.ts';
import { learnedOffset, type Opinions } from './learned-quality.ts';
import type { Preference, RoutingParts } from './policy.ts';
import type { PromptReading } from './prompt-model.ts';
import { expectedQuality, priorQuality } from './quality.ts';
import type { TaskClass } from './task-class.ts';

/** What is asked of a choice. */
export interface ChoiceRequest {
  reading: PromptReading;
  /** The name of the topic the task has. */
  topic: string | undefined;
  policy: Preference;
  needs: RequestNeeds;
  /** Only providers that compute there: `eu`. */
  region?: string | undefined;
  /** Dollars per million tokens that input and output price must both stay within. */
  maxCostPer1MTokens?: number | undefined;
  /** What the caller may still spend; unlimited without. */
  remaining?: MicroDollars | undefined;
  /** The most an answer can cost with a model; what it is expected to cost without. */
  mostCost?: ((model: Model) => MicroDollars) | undefined;
  /** The most tokens the caller lets the answer have. */
  maxOutputTokens?: number | undefined;
  /** The model that answered this conversation before. */
  previousModel?: string | undefined;
  /** What callers have said of answers. */
  learned?: Opinions;
}

/** What is asked, whoever chooses. */
export type Asked = Omit<ChoiceRequest, 'policy'>;

/** What is known about models beside their configuration. */
export interface Availability {
  mayUse(modelId: string): boolean;
  isDown(modelId: string): boolean;
  hasKey(providerId: string): boolean;
}

/** Why a model cannot be taken, whatever it is good for. */
export type Unfit =
  | 'not_configured'
  | 'not_allowed'
  | 'price_ceiling'
  | 'budget'
  | 'region'
  | 'no_key'
  | 'circuit_open'
  | `lacks_${'input' | 'tools' | 'json_schema' | 'context'}`;

/** Why a model that could be taken was not. */
export type Passed =
  | 'dominated'
  | 'below_tolerance'
  | 'costs_more'
  | 'slower'
  | 'lower_quality'
  | 'topic'
  | 'conversation'
  | 'split';

export interface Candidate {
  modelId: string;
  /** From 0 to 1, on this prompt. Of a model for a topic none is known. */
  expectedQuality?: number;
  /** Dollars per million tokens, input and output mixed as this request is expected to. */
  pricePer1M: number;
  /** What the answer is expected to cost. */
  cost: MicroDollars;
}

export interface NotTaken extends Partial<Candidate> {
  modelId: string;
  reason: Unfit | Passed;
}

export interface Choice {
  taken: Candidate;
  /** What decided. */
  because: 'topic' | 'conversation' | 'split' | 'fixed' | Preference['prefer'];
  /** Every other candidate, those that fit first, and why each was not taken. */
  notTaken: NotTaken[];
  /** Why a conversation's earlier model was left. */
  movedBecause?: Unfit | 'unsuited';
}

export type Parts = Pick<Configuration, 'models' | 'providers'> & RoutingParts;

/** A model that fits, with what is compared. */
interface Fitting extends Candidate {
  weight: number;
  expectedQuality: number;
  tokensPerSecond: number;
}

/** What is assumed of a provider that does not say how fast a model is. */
const USUAL_TOKENS_PER_SECOND = 60;

/** A conversation is left only for a model that is expected to be so much better, whatever the policy: a move costs the prompt cache. */
const WORTH_A_MOVE = 0.1;

/**
 * The model for a request: one for its topic that fits; the conversation's own, while it fits and suits; or, of those that
 * fit and that no other beats on price and quality in this class, the one the policy prefers within its tolerance of the
 * best. When none fits, the reasons of all. The same input has the same outcome.
 */
export function chooseModel(request: ChoiceRequest, parts: Parts, availability: Availability): Choice | NotTaken[] {
  const forTopic = request.topic === undefined ? [] : (parts.topics[request.topic]?.models ?? []);
  const ids = [...new Set([...forTopic, ...earlierSpecialist(request, parts), ...Object.keys(parts.qualities)])];
  const unfit = ids.flatMap((modelId): NotTaken[] => {
    const reason = reasonAgainst(modelId, request, parts, availability);
    return reason === undefined ? [] : [{ ...shownOf(modelId, request, parts), reason }];
  });
  const fits = (modelId: string) => !unfit.some((not) => not.modelId === modelId);
  const rated = ids.filter((id) => fits(id) && Object.hasOwn(parts.qualities, id));
  const fitting = weighed(rated, request, parts);
  const take = (modelId: string, because: 'topic' | 'conversation'): Choice => ({
    taken: { ...candidateOf(modelId, request, parts), ...ratedOf(modelId, fitting) },
    because,
    notTaken: [...fitting.filter((one) => one.modelId !== modelId).map((one) => passed(one, because)), ...unfit],
  });
  const specialist = forTopic.find(fits);
  if (specialist !== undefined) return take(specialist, 'topic');
  const kept = earlierSpecialist(request, parts).find(fits) ?? keptModel(request, fitting)?.modelId;
  if (kept !== undefined) return take(kept, 'conversation');
  if (fitting.length === 0) return unfit;
  const moved = movedBecause(request.previousModel, fitting, unfit);
  return { ...byPolicy(fitting, request.policy, unfit), ...(moved === undefined ? {} : { movedBecause: moved }) };
}

/** Classes in which a model that is for a topic is left, when the talk turns to them. */
const OFF_TOPIC: readonly TaskClass[] = ['coding', 'math', 'translation'];

/** The conversation's model, when it is one for a topic: a turn that only says "and in winter?" belongs to it still. */
function earlierSpecialist({ previousModel, reading }: ChoiceRequest, { topics }: Parts): string[] {
  if (previousModel === undefined || OFF_TOPIC.includes(reading.taskClass)) return [];
  return Object.values(topics).some(({ models }) => models.includes(previousModel)) ? [previousModel] : [];
}

/** Why a model cannot be taken for a request; undefined for one that can. */
export function reasonAgainst(
  modelId: string,
  request: Asked,
  { models, providers }: Parts,
  { mayUse, isDown, hasKey }: Availability,
): Unfit | undefined {
  const model = Object.hasOwn(models, modelId) ? models[modelId] : undefined;
  if (model === undefined) return 'not_configured';
  if (!mayUse(modelId)) return 'not_allowed';
  const { maxCostPer1MTokens: ceiling, remaining, region, mostCost = expectedBy(request) } = request;
  if (ceiling !== undefined && !isWithinPrice(ceiling, model.price)) return 'price_ceiling';
  if (region !== undefined && providers[model.provider]?.region !== region) return 'region';
  const lack = lackOf(model, request.needs);
  if (lack !== undefined) return `lacks_${lack}`;
  if (!hasKey(model.provider)) return 'no_key';
  if (isDown(modelId)) return 'circuit_open';
  return remaining !== undefined && mostCost(model) > remaining ? 'budget' : undefined;
}

function expectedBy({ reading, needs, maxOutputTokens }: Asked): (model: Model) => MicroDollars {
  return (model) => estimateCost(model, reading.taskClass, needs.inputTokens, maxOutputTokens).cost;
}

/** What a model is expected to cost for a request. */
export function candidateOf(modelId: string, { reading, needs, maxOutputTokens }: Asked, { models }: Parts): Candidate {
  const { cost, pricePer1M } = estimateCost(
    models[modelId] as Model,
    reading.taskClass,
    needs.inputTokens,
    maxOutputTokens,
  );
  return { modelId, cost, pricePer1M };
}

/** What can be said of a model that does not fit. */
function shownOf(modelId: string, request: ChoiceRequest, parts: Parts): Partial<Candidate> & { modelId: string } {
  return Object.hasOwn(parts.models, modelId) ? candidateOf(modelId, request, parts) : { modelId };
}

function weighed(ids: readonly string[], request: ChoiceRequest, parts: Parts): Fitting[] {
  const { taskClass, demand } = request.reading;
  const priors = ids.map((id) => priorQuality(parts.qualities[id] as Parts['qualities'][string], taskClass));
  const best = Math.max(...priors);
  return ids.map((id, index) => {
    // What was learned is added last: no opinion of one model moves another, and none counts more where a prompt demands more.
    const offset = request.learned ? learnedOffset(request.learned, id, taskClass) : 0;
    const weight = expectedQuality(priors[index] as number, best, demand) + offset;
    return {
      ...candidateOf(id, request, parts),
      weight,
      expectedQuality: Math.min(1, Math.max(0, weight)),
      tokensPerSecond: parts.qualities[id]?.tokensPerSecond ?? USUAL_TOKENS_PER_SECOND,
    };
  });
}

function ratedOf(modelId: string, fitting: readonly Fitting[]): Partial<Candidate> {
  const rated = fitting.find((one) => one.modelId === modelId);
  return rated ? { expectedQuality: rated.expectedQuality } : {};
}

/** The conversation's model, if it fits and nothing is so much better that a move is worth it. */
function keptModel({ previousModel, policy }: ChoiceRequest, fitting: readonly Fitting[]): Fitting | undefined {
  const previous = fitting.find(({ modelId }) => modelId === previousModel);
  const best = Math.max(...fitting.map((one) => one.expectedQuality));
  const least = best - Math.max(policy.tolerance, WORTH_A_MOVE);
  return previous && previous.expectedQuality >= least ? previous : undefined;
}

function movedBecause(
  previousModel: string | undefined,
  fitting: readonly Fitting[],
  unfit: readonly NotTaken[],
): Choice['movedBecause'] {
  if (previousModel === undefined) return undefined;
  if (fitting.some(({ modelId }) => modelId === previousModel)) return 'unsuited';
  return unfit.find(({ modelId }) => modelId === previousModel)?.reason as Unfit | undefined;
}

function byPolicy(fitting: readonly Fitting[], { tolerance, prefer }: Preference, unfit: NotTaken[]): Choice {
  const best = Math.max(...fitting.map((one) => one.expectedQuality));
  const isDominated = (one: Fitting) => fitting.some((other) => dominates(other, one));
  const isEligible = (one: Fitting) => one.expectedQuality >= best - tolerance && !isDominated(one);
  const [taken] = fitting.filter(isEligible).sort(COMPARE[prefer]) as [Fitting];
  const reasonOf = (one: Fitting): Passed => {
    if (isDominated(one)) return 'dominated';
    return isEligible(one) ? LOST[prefer] : 'below_tolerance';
  };
  const others = fitting.filter((one) => one !== taken).map((one) => passed(one, reasonOf(one)));
  return { taken: shown(taken), because: prefer, notTaken: [...others, ...unfit] };
}

/** True when one costs no more and is no worse in its class, and is not the same in both. */
function dominates(one: Fitting, other: Fitting): boolean {
  if (one.cost > other.cost || one.weight < other.weight) return false;
  return one.cost < other.cost || one.weight > other.weight;
}

const byId = (one: Fitting, other: Fitting) => (one.modelId < other.modelId ? -1 : 1);
const byQuality = (one: Fitting, other: Fitting) => other.expectedQuality - one.expectedQuality;
const byCost = (one: Fitting, other: Fitting) => one.cost - other.cost;

/** Which comes first under each preference. Ids decide last, so that there is always one order. */
const COMPARE: Readonly<Record<Preference['prefer'], (one: Fitting, other: Fitting) => number>> = {
  price: (one, other) => byCost(one, other) || byQuality(one, other) || byId(one, other),
  quality: (one, other) => byQuality(one, other) || byCost(one, other) || byId(one, other),
  speed: (one, other) =>
    other.tokensPerSecond - one.tokensPerSecond || byCost(one, other) || byQuality(one, other) || byId(one, other),
};

const LOST: Readonly<Record<Preference['prefer'], Passed>> = {
  price: 'costs_more',
  quality: 'lower_quality',
  speed: 'slower',
};

function shown({ modelId, expectedQuality: quality, pricePer1M, cost }: Fitting): Candidate {
  return { modelId, expectedQuality: quality, pricePer1M, cost };
}

function passed(one: Fitting, reason: Passed): NotTaken {
  return { ...shown(one), reason };
}
