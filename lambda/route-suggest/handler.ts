import { availabilityOf } from '../availability.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { Configuration } from '../core/configuration.ts';
import { mostCostOf } from '../core/cost-bound.ts';
import { type JsonObject, parseJsonBody } from '../core/json-body.ts';
import {
  type Availability,
  type Candidate,
  type Choice,
  type NotTaken,
  reasonAgainst,
} from '../core/routing/choose-model.ts';
import { ordinaryChoice } from '../core/routing/choose-route.ts';
import { reasoningOf, reasonText } from '../core/routing/explain.ts';
import { nothingFits } from '../core/routing/nothing-fits.ts';
import { isFixed, type Policy } from '../core/routing/policy.ts';
import { readTask, type TaskReading } from '../core/routing/read-task.ts';
import { parseSuggestRequest } from '../core/routing/suggest-request.ts';
import { loadTopicWords } from '../core/routing/topic.ts';
import { type BufferedHandler, bodyText } from '../http.ts';
import { keyedHandler } from '../json-handler.ts';
import type { RouteSuggestGateway } from './gateway.ts';

/**
 * POST /v2/route-suggest: the model `auto` would take for this prompt, and why. Conversations are split one by one, so a split
 * is only named. No model is called.
 */
export function routeSuggestHandler(gateway: RouteSuggestGateway): BufferedHandler {
  const { configuration } = gateway;
  return keyedHandler(gateway, async (event, { caller }) => {
    if (!caller) throw new Error('authenticate must run before the handler');
    const body = parseJsonBody(bodyText(event, configuration.sizeLimits.requestBytes));
    const { messages, policy, needs, region, maxCostPer1MTokens } = parseSuggestRequest(body, configuration.routing);
    const reading = readTask(await gateway.promptModel(), messages, await loadTopicWords(configuration.topics));
    const meant = configuration.routing.policies[policy] as Policy;
    const asked = {
      reading,
      topic: reading.topic,
      policy: meant,
      needs,
      region,
      maxCostPer1MTokens,
      learned: await gateway.learnedQuality.believed(),
      // Without the store nothing is left out for its sake, as in the choice for a chat.
      remaining: await gateway.budgetLeft(caller).catch(() => undefined),
      mostCost: mostCostOf(asRequest(messages), configuration.budgetRules),
    };
    const availability = await availabilityOf(gateway, caller, await gateway.circuits.look());
    const choice = suggested(asked, configuration, availability);
    if (Array.isArray(choice)) throw nothingFits(choice);
    const { split } = meant;
    return { status: 200, body: { ...suggestion(reading, choice, policy), ...(split ? { split } : {}) } };
  });
}

/** What a policy takes; its own model only if that fits, as there is no call to find out. */
function suggested(
  asked: Parameters<typeof ordinaryChoice>[0],
  configuration: Configuration,
  availability: Availability,
): Choice | NotTaken[] {
  const { policy } = asked;
  const modelId = isFixed(policy) ? policy.model : undefined;
  const reason = modelId && reasonAgainst(modelId, asked, configuration, availability);
  return modelId && reason ? [{ modelId, reason }] : ordinaryChoice(asked, configuration, availability);
}

/** What is asked, as a chat that says nothing else. */
function asRequest(messages: JsonObject[]): ChatRequest {
  return { model: undefined, stream: false, streamOptions: {}, body: { messages }, maxTokens: undefined, options: {} };
}

const MICRO_DOLLARS_PER_DOLLAR = 1_000_000;

function suggestion(reading: TaskReading, choice: Choice, policy: string) {
  const { taskClass, confidence, complexity, topic } = reading;
  return {
    model: choice.taken.modelId,
    reasoning: reasoningOf(reading, choice, policy),
    taskClass,
    confidence: rounded(confidence),
    complexity,
    topic: topic ?? null,
    policy,
    expectedQuality: figure(choice.taken.expectedQuality),
    pricePer1M: choice.taken.pricePer1M,
    estimatedCost: choice.taken.cost / MICRO_DOLLARS_PER_DOLLAR,
    alternatives: choice.notTaken.map(alternative),
  };
}

function alternative(not: NotTaken) {
  return { ...figures(not), reason: not.reason, notTakenBecause: reasonText(not) };
}

function figures({ modelId, expectedQuality, pricePer1M, cost }: Partial<Candidate>) {
  return {
    model: modelId,
    expectedQuality: figure(expectedQuality),
    pricePer1M: pricePer1M ?? null,
    estimatedCost: cost === undefined ? null : cost / MICRO_DOLLARS_PER_DOLLAR,
  };
}

function figure(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
