import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/executionModeStreamifyResponse';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Call, TimedContext } from '../call.ts';
import { giveUpLead, shareFailure } from '../coalescing/lead.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import type { HttpResponse, StreamingHandler } from '../http.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { cache } from '../middleware/cache.ts';
import { deadline } from '../middleware/deadline.ts';
import { deduplicate } from '../middleware/deduplicate.ts';
import { giveBackKey, idempotent } from '../middleware/idempotent.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import { parseChat } from '../middleware/parse-chat.ts';
import { planModels } from '../middleware/plan-models.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import { semanticCache } from '../middleware/semantic-cache.ts';
import { settle } from '../middleware/settle.ts';
import { handOver } from '../workflow/hand-over.ts';
import { continuePlan, startPlan } from '../workflow/run-plan.ts';
import { completeResponse } from './complete-response.ts';
import type { ChatGateway } from './gateway.ts';
import { identityOf } from './identity.ts';
import { keepConversation } from './keep-conversation.ts';
import { learnFrom } from './learn-from.ts';
import { lookAgain } from './look-again.ts';
import { reusedResponse } from './reused-response.ts';
import { runShadow } from './shadow.ts';
import { streamResponse } from './stream-response.ts';
import { givenUpUsage } from './stream-usage.ts';

/** POST /v1/chat/completions and POST /v2/chat: the pipeline, top to bottom. */
export function chatHandler(gateway: ChatGateway, { makesSideCalls } = { makesSideCalls: true }): StreamingHandler {
  const caching = cache(gateway);
  const coalescing = deduplicate(gateway);
  const look = lookAgain(gateway);
  const lookUp = (call: Call) => {
    const identity = identityOf(call, gateway.configuration);
    if (!identity) return;
    call.identity = identity;
    caching.begin(call);
    coalescing.begin(call);
  };
  const pipeline = middy({
    executionMode: executionModeStreamifyResponse,
    timeoutEarlyInMillis: 0,
    requestEnd: requestEnded({
      ...gateway,
      atEnd: (call) => atEnd(gateway, call),
      afterwards: async (context) => {
        await learnFrom(gateway, context.call);
        if (makesSideCalls) await Promise.all([runShadow(gateway, context), look(context.call)]);
      },
    }),
  })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(settle(gateway))
    .use(parseChat(gateway))
    .use(authenticate(gateway))
    .use(idempotent(gateway, 200))
    .use(planModels(gateway))
    .use(rateLimit(gateway, lookUp))
    .use(caching.use)
    .use(semanticCache(gateway))
    .use(deadline(gateway))
    .use(coalescing.join)
    .handler((_event: APIGatewayProxyEvent, context: TimedContext) => answerChat(gateway, context));
  // Middy's type asks the invoker for what its own middlewares add to the context.
  return pipeline as unknown as StreamingHandler;
}

/** What a request holds that others may want is given back. Never throws. */
async function atEnd(gateway: ChatGateway, call: Call): Promise<void> {
  await Promise.all([giveBackKey(gateway, call), giveUpLead(gateway, call)]);
}

/** Asks the models of the plan in turn, and answers with the first good answer, whole or as a stream that has begun. */
async function answerChat(gateway: ChatGateway, context: TimedContext): Promise<HttpResponse> {
  const { call, lifetime, deadlineAtMs } = context;
  const { chat, plan } = call;
  if (!chat || !plan) throw new Error('planModels must run before the handler');
  const { wire, request } = chat;
  const run = { call, request, plan, deadlineAtMs, signal: lifetime.signal };
  // A stream cannot pass through a state machine.
  const goOn = request.stream ? continuePlan : handOver;
  try {
    if (call.reused) return reusedResponse(gateway, context);
    const begun = await startPlan(gateway, run);
    const { answer, step, request: admitted, isCounted } = 'verdict' in begun ? begun : await goOn(gateway, run, begun);
    const served = { context, wire, request: admitted, plan, step };
    call.firstContentAtMs = gateway.clock();
    await keepConversation(gateway, call, step);
    if (answer.kind === 'stream') return streamResponse(gateway, served, answer, isCounted);
    lifetime.end();
    return completeResponse(gateway, served, answer);
  } catch (thrown) {
    call.error = thrown;
    shareFailure(gateway, call, thrown);
    if (!(thrown instanceof ProviderFailure)) throw thrown;
    if (call.isGivenUp) call.usage = givenUpUsage(request);
    throw thrown.error;
  }
}
