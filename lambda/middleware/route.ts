import type { ChatRequest } from '../core/chat-request.ts';
import { maxTokensOf } from '../core/chat-request.ts';
import type { Configuration } from '../core/configuration.ts';
import { needsOf } from '../core/request-needs.ts';
import { type Availability, type Choice, chooseModel, type NotTaken } from '../core/routing/choose-model.ts';
import { shortReason } from '../core/routing/explain.ts';
import { nothingFits } from '../core/routing/nothing-fits.ts';
import type { Policy } from '../core/routing/policy.ts';
import type { PromptModel } from '../core/routing/prompt-model.ts';
import { readTask, type TaskReading } from '../core/routing/read-task.ts';
import { loadTopicWords } from '../core/routing/topic.ts';
import type { RoutingRecord } from '../core/usage-event.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { Observer } from '../ports.ts';

/** Which model a request that leaves the choice to the gateway was given, and why. */
export interface Routing {
  modelId: string;
  /** Models that may answer after those of the chosen one's chain. */
  fallbacks: readonly string[];
  /** Why, in short, for the answer's header. */
  reason: string;
  /** The same for the usage event. */
  record: RoutingRecord;
}

export interface RoutePorts {
  configuration: Configuration;
  promptModel: () => Promise<PromptModel>;
  learnedQuality: Pick<LearnedQuality, 'believed'>;
  observer: Observer;
}

/**
 * Chooses the model of a request by a policy. Undefined where the prompt model cannot be read: then the default model
 * answers. Throws when no model fits.
 */
export async function route(
  { configuration, promptModel, learnedQuality, observer }: RoutePorts,
  request: ChatRequest,
  policy: string,
  availability: Availability,
  previousModel: string | undefined,
): Promise<Routing | undefined> {
  const model = await promptModel().catch((cause) => void observer.storeFailed(cause));
  if (!model) return undefined;
  const reading = readTask(model, request.body.messages, await loadTopicWords(configuration.topics));
  const asked = {
    reading,
    topic: reading.topic,
    policy: configuration.routing.policies[policy] as Policy,
    needs: needsOf(request),
    maxCostPer1MTokens: request.options.maxCostPer1MTokens,
    maxOutputTokens: maxTokensOf(request),
    previousModel,
    learned: await learnedQuality.believed(),
  };
  const choice = chooseModel(asked, configuration, availability);
  if (Array.isArray(choice)) throw nothingFits(choice);
  const general = chooseModel({ ...asked, topic: undefined }, configuration, availability);
  return {
    modelId: choice.taken.modelId,
    fallbacks: fallbacksOf(general),
    reason: shortReason(reading, choice, policy),
    record: recordOf(reading, choice, policy),
  };
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

function recordOf(reading: TaskReading, choice: Choice, policy: string): RoutingRecord {
  const { taskClass, confidence, complexity, topic } = reading;
  return {
    policy,
    taskClass,
    confidence: Math.round(confidence * 1_000) / 1_000,
    complexity,
    ...(topic === undefined ? {} : { topic }),
    model: choice.taken.modelId,
    because: choice.because,
    ...(choice.movedBecause === undefined ? {} : { movedBecause: choice.movedBecause }),
  };
}
