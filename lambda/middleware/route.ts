import type { ChatRequest } from '../core/chat-request.ts';
import { maxTokensOf } from '../core/chat-request.ts';
import type { Configuration } from '../core/configuration.ts';
import { conversationOf } from '../core/conversation.ts';
import { mostCostOf } from '../core/cost-bound.ts';
import { needsOf } from '../core/request-needs.ts';
import type { Availability, Choice, NotTaken } from '../core/routing/choose-model.ts';
import { chooseRoute, ordinaryChoice, type RouteRequest, shadowFor } from '../core/routing/choose-route.ts';
import { shortReason } from '../core/routing/explain.ts';
import { nothingFits } from '../core/routing/nothing-fits.ts';
import { isFixed, type Policy } from '../core/routing/policy.ts';
import type { PromptModel } from '../core/routing/prompt-model.ts';
import { readTask } from '../core/routing/read-task.ts';
import { bestFor, leftOutNow, routingRecord } from '../core/routing/routing-record.ts';
import { loadTopicWords } from '../core/routing/topic.ts';
import type { RoutingRecord } from '../core/usage-event.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { Budgets, Caller, Observer } from '../ports.ts';

/** Which model a request that leaves the choice to the gateway was given, and why. */
export interface Routing {
  modelId: string;
  /** Models that may answer after those of the chosen one's chain. */
  fallbacks: readonly string[];
  /** Why, in short, for the answer's header. */
  reason: string;
  /** The same for the usage event; absent where the prompt could not be read. */
  record?: RoutingRecord;
  /** The model that is to be asked the same after the answer. */
  shadow?: string | undefined;
}

export interface RoutePorts {
  configuration: Configuration;
  promptModel: () => Promise<PromptModel>;
  learnedQuality: Pick<LearnedQuality, 'believed'>;
  budgets: Pick<Budgets, 'left'>;
  observer: Observer;
}

/** A request that names a policy in place of a model. */
export interface RoutedRequest {
  request: ChatRequest;
  requestId: string;
  caller: Caller;
  /** The policy's name. */
  policy: string;
  /** The model that answered the conversation before. */
  previousModel: string | undefined;
}

/**
 * Chooses the model of a request by a policy; where the prompt model cannot be read, the policy's own or the default one.
 * Throws when no model fits.
 */
export async function route(
  { configuration, promptModel, learnedQuality, budgets, observer }: RoutePorts,
  { request, requestId, caller, policy: name, previousModel }: RoutedRequest,
  availability: Availability,
): Promise<Routing> {
  const policy = configuration.routing.policies[name] as Policy;
  const model = await promptModel().catch((cause) => void observer.storeFailed(cause));
  if (!model) return unread(name, policy, configuration.defaultModel);
  const reading = readTask(model, request.body.messages, await loadTopicWords(configuration.topics));
  const asked = {
    reading,
    topic: reading.topic,
    policy,
    needs: needsOf(request),
    maxCostPer1MTokens: request.options.maxCostPer1MTokens,
    maxOutputTokens: maxTokensOf(request),
    previousModel,
    conversation: `${caller.account} ${conversationOf(request)}`,
    learned: await learnedQuality.believed(),
    remaining: budgets.left(caller),
    mostCost: mostCostOf(request, configuration.budgetRules),
  };
  const choice = affordable(asked, (one) => chooseRoute(one, configuration, availability));
  if (Array.isArray(choice)) throw nothingFits(choice);
  const { modelId } = choice.taken;
  return {
    modelId,
    fallbacks: fallbacksOf(ordinaryChoice({ ...asked, topic: undefined }, configuration, availability)),
    reason: shortReason(reading, choice, name),
    record: routingRecord(name, asked, choice, {
      best: isFixed(policy) ? undefined : bestFor(asked, configuration, availability),
      leftOut: leftOutNow(asked, configuration, availability),
    }),
    shadow: shadowFor(asked, modelId, requestId, configuration, availability),
  };
}

/** When nothing fits what this process believes is left, the choice is made without: the reservation has the last word. */
function affordable(asked: RouteRequest, choose: (asked: RouteRequest) => Choice | NotTaken[]): Choice | NotTaken[] {
  const choice = choose(asked);
  return Array.isArray(choice) && asked.remaining !== undefined ? choose({ ...asked, remaining: undefined }) : choice;
}

function unread(name: string, policy: Policy, defaultModel: string): Routing {
  if (isFixed(policy)) return { modelId: policy.model, fallbacks: [], reason: `${name}; fixed` };
  return { modelId: defaultModel, fallbacks: [], reason: `${name}; default` };
}

/** Whatever was chosen, a general model may answer; and the cheapest that fits, for a budget that is nearly spent. */
function fallbacksOf(general: Choice | NotTaken[]): string[] {
  if (Array.isArray(general)) return [];
  const others = general.notTaken.filter(({ expectedQuality }) => expectedQuality !== undefined);
  const cheapest = [general.taken, ...others].reduce((one, other) =>
    (other.cost ?? 0) < (one.cost ?? 0) ? other : one,
  );
  return [general.taken.modelId, cheapest.modelId];
}
