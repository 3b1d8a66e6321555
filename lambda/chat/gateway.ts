import type { CallLeases } from '../coalescing/call-leases.ts';
import type { Configuration } from '../core/configuration.ts';
import type { PromptModel } from '../core/routing/prompt-model.ts';
import { deployedSecret } from '../deployed-secret.ts';
import { deployedSurroundings, type Surroundings } from '../gateway.ts';
import { deployedHotTier } from '../hot-tier/deployed-hot-tier.ts';
import { hotCallLeases } from '../hot-tier/hot-call-leases.ts';
import { hotResponseCache } from '../hot-tier/hot-response-cache.ts';
import type { Idempotency, ResponseCache } from '../kept-answers.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import type { Conversations } from '../ports.ts';
import { loadPromptModel } from '../routing/load-prompt-model.ts';
import { callLeasesStore } from '../store/call-leases.ts';
import { conversationsStore } from '../store/conversations.ts';
import { idempotencyStore } from '../store/idempotency.ts';
import { learnedQualityStore } from '../store/learned-quality.ts';
import { responseCacheStore } from '../store/response-cache.ts';
import { runsStore } from '../store/runs.ts';
import { type CallGateway, composeCallGateway } from '../workflow/gateway.ts';
import type { FallbackRunner, Runs } from '../workflow/run-ports.ts';
import { deployedMachine, expressRunner } from '../workflow/step-functions.ts';

/** What the chat needs beside what every call does. */
export interface ChatGateway extends CallGateway {
  conversations: Conversations;
  idempotency: Idempotency;
  responseCache: ResponseCache;
  callLeases: CallLeases;
  chatRuns: Runs;
  fallbackRunner: FallbackRunner;
  /** Read when a request leaves the choice of its model to the gateway. */
  promptModel: () => Promise<PromptModel>;
  learnedQuality: LearnedQuality;
}

/** The chat's gateway around one for calls. */
export function composeChatGateway(
  calls: CallGateway,
  { database, onceDatabase, tableName, hotTier }: Surroundings,
  fallbackRunner: FallbackRunner,
): ChatGateway {
  const responseCache = responseCacheStore(onceDatabase, tableName('responses'), calls.clock);
  const callLeases = callLeasesStore(onceDatabase, tableName('traffic'), calls.clock);
  return {
    ...calls,
    conversations: conversationsStore(database, tableName('traffic'), calls.clock),
    idempotency: idempotencyStore(database, tableName('responses'), calls.clock),
    responseCache: hotTier ? hotResponseCache(responseCache, hotTier, calls.clock) : responseCache,
    callLeases: hotTier ? hotCallLeases(callLeases, hotTier) : callLeases,
    chatRuns: runsStore(database, tableName('traffic'), calls.clock),
    fallbackRunner,
    promptModel: loadPromptModel,
    learnedQuality: learnedQualityStore(onceDatabase, tableName('traffic'), calls.clock),
  };
}

/** The gateway of the deployed chat function, from its environment. */
export function deployedChatGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): ChatGateway {
  const deployed = deployedSurroundings(environment, configuration);
  const surroundings = { ...deployed, hotTier: deployedHotTier(environment, deployed.aws) };
  const providerKeys = deployedSecret(environment, 'PROVIDER_SECRET_ARN');
  const fallbackRunner = expressRunner(deployedMachine(environment, 'FALLBACK_MACHINE_ARN'));
  return composeChatGateway(composeCallGateway(surroundings, providerKeys), surroundings, fallbackRunner);
}
