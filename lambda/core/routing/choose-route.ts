import { isInShare } from '../share.ts';
import {
  type Availability,
  type Choice,
  type ChoiceRequest,
  candidateOf,
  chooseModel,
  type NotTaken,
  type Parts,
  reasonAgainst,
} from './choose-model.ts';
import { isFixed, type Policy } from './policy.ts';

/** What is asked of a policy. */
export interface RouteRequest extends Omit<ChoiceRequest, 'policy'> {
  policy: Policy;
  /** What all turns of a conversation have in common, and no other conversation has. */
  conversation: string;
}

/**
 * The model for a request by a policy, its split included: conversations in the split's share go to its model, if that fits.
 * Topics go before a split, and a conversation that is with another model stays there. Who is not in the share leaves the
 * split's model at once.
 */
export function chooseRoute(request: RouteRequest, parts: Parts, availability: Availability): Choice | NotTaken[] {
  const { split } = request.policy;
  if (split === undefined) return ordinaryChoice(request, parts, availability);
  const { model } = split;
  const isIn = isInShare(`split ${model} ${request.conversation}`, split.percent);
  const isLeft = !isIn && request.previousModel === model;
  const ordinary = ordinaryChoice(isLeft ? { ...request, previousModel: undefined } : request, parts, availability);
  if (!isIn || staysApart(ordinary, model)) return ordinary;
  if (reasonAgainst(model, request, parts, availability) !== undefined) return ordinary;
  return splitChoice(model, ordinary, request, parts);
}

/** The model that a policy takes by itself. */
export function ordinaryChoice(
  request: Omit<RouteRequest, 'conversation'>,
  parts: Parts,
  availability: Availability,
): Choice | NotTaken[] {
  const { policy } = request;
  if (!isFixed(policy)) return chooseModel({ ...request, policy }, parts, availability);
  const because = request.previousModel === policy.model ? 'conversation' : 'fixed';
  return { taken: candidateOf(policy.model, request, parts), because, notTaken: [] };
}

/** The model that is to be asked the same once more after the answer; undefined for most requests. */
export function shadowFor(
  request: RouteRequest,
  taken: string,
  requestId: string,
  parts: Parts,
  availability: Availability,
): string | undefined {
  const { shadow } = request.policy;
  if (!shadow || shadow.model === taken || !isInShare(`shadow ${requestId}`, shadow.percent)) return undefined;
  return reasonAgainst(shadow.model, request, parts, availability) === undefined ? shadow.model : undefined;
}

/** True for a choice that a split does not touch. */
function staysApart(ordinary: Choice | NotTaken[], model: string): boolean {
  if (Array.isArray(ordinary)) return false;
  return ordinary.because === 'topic' || (ordinary.because === 'conversation' && ordinary.taken.modelId !== model);
}

function splitChoice(model: string, ordinary: Choice | NotTaken[], request: RouteRequest, parts: Parts): Choice {
  const all: NotTaken[] = Array.isArray(ordinary)
    ? ordinary
    : [{ ...ordinary.taken, reason: 'split' }, ...ordinary.notTaken];
  const known = all.find(({ modelId }) => modelId === model);
  const quality = known?.expectedQuality;
  return {
    taken: {
      ...candidateOf(model, request, parts),
      ...(quality === undefined ? {} : { expectedQuality: quality }),
    },
    because: 'split',
    notTaken: all.filter(({ modelId }) => modelId !== model),
  };
}
