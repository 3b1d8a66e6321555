import type { CallLeases } from '../coalescing/call-leases.ts';
import type { Conversations } from '../conversations.ts';
import type { Configuration } from '../core/configuration.ts';
import type { PromptModel } from '../core/routing/prompt-model.ts';
import { deployedSecret } from '../deployed-secret.ts';
import type { Embedder } from '../embedding/embedder.ts';
import { embedderOf } from '../embedding/embedder-of.ts';
import { lambdaEmbedder } from '../embedding/lambda-embedder.ts';
import { deployedSurroundings, type Surroundings } from '../gateway.ts';
import { deployedHotTier } from '../hot-tier/deployed-hot-tier.ts';
import { hotCallLeases } from '../hot-tier/hot-call-leases.ts';
import { hotResponseCache } from '../hot-tier/hot-response-cache.ts';
import type { Idempotency, ResponseCache } from '../kept-answers.ts';
import type { Semantic } from '../kept-neighbour.ts';
import type { LearnedQuality } from '../learned-quality.ts';
import { httpUpstream } from '../providers/http-upstream.ts';
import { type AwsIdentity, signForAws } from '../providers/sign-for-aws.ts';
import { loadPromptModel } from '../routing/load-prompt-model.ts';
import { callLeasesStore } from '../store/call-leases.ts';
import { conversationsStore } from '../store/conversations.ts';
import { idempotencyStore } from '../store/idempotency.ts';
import { learnedQualityStore } from '../store/learned-quality.ts';
import { responseCacheStore } from '../store/response-cache.ts';
import { runsStore } from '../store/runs.ts';
import { scanIndexStore } from '../store/scan-index.ts';
import { secondLooksStore } from '../store/second-looks.ts';
import { vectorIndexStore } from '../store/vector-index.ts';
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
  /** Undefined where the deployment has no semantic cache. */
  semantic?: Semantic | undefined;
  /** Read when a request leaves the choice of its model to the gateway. */
  promptModel: () => Promise<PromptModel>;
  learnedQuality: LearnedQuality;
}

/** The chat's gateway around one for calls. */
export function composeChatGateway(
  calls: CallGateway,
  { database, onceDatabase, tableName, callLeases: ownLeases, hotTier, sentenceEncoder }: Surroundings,
  fallbackRunner: FallbackRunner,
): ChatGateway {
  const responseCache = responseCacheStore(onceDatabase, tableName('responses'), calls.clock);
  const callLeases = ownLeases ?? callLeasesStore(onceDatabase, tableName('traffic'), calls.clock);
  const { clock, configuration } = calls;
  const embedder = embedderOf(configuration, calls, sentenceEncoder);
  const { index, maximumEntries } = configuration.caching.semantic;
  const scan = scanIndexStore(database, tableName('responses'), clock, maximumEntries);
  return {
    ...calls,
    semantic: embedder && {
      embedder,
      index: index === 'scan' ? scan : vectorIndexStore(database, tableName('responses'), clock, scan),
      secondLooks: secondLooksStore(onceDatabase, tableName('responses'), clock),
    },
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
  const surroundings = {
    ...deployed,
    hotTier: deployedHotTier(environment, deployed.aws),
    sentenceEncoder: deployedSentenceEncoder(environment, deployed.aws),
  };
  const providerKeys = deployedSecret(environment, 'PROVIDER_SECRET_ARN');
  const fallbackRunner = expressRunner(deployedMachine(environment, 'FALLBACK_MACHINE_ARN'));
  return composeChatGateway(composeCallGateway(surroundings, providerKeys), surroundings, fallbackRunner);
}

/** The function of the sentence encoder; undefined where the deployment has none. */
function deployedSentenceEncoder(environment: NodeJS.ProcessEnv, identity: AwsIdentity): Embedder | undefined {
  const { EMBED_FUNCTION: functionName, AWS_REGION: region } = environment;
  if (!functionName || !region) return undefined;
  return lambdaEmbedder({ upstream: httpUpstream(), signForAws: signForAws(identity) }, region, functionName);
}
