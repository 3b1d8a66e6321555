import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/executionModeStreamifyResponse';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { SettlingContext } from '../call.ts';
import { timeLimitMs } from '../core/deadline.ts';
import { estimateInputTokens } from '../core/estimate-tokens.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import { estimatedUsage } from '../core/usage.ts';
import type { HttpResponse, StreamingHandler } from '../http.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import { parseChat } from '../middleware/parse-chat.ts';
import { planModels } from '../middleware/plan-models.ts';
import { chargeFallback, rateLimit } from '../middleware/rate-limit.ts';
import { settle } from '../middleware/settle.ts';
import { admitStep, releaseStep } from '../workflow/admit-step.ts';
import { runPlan } from '../workflow/run-plan.ts';
import { completeResponse } from './complete-response.ts';
import type { ChatGateway } from './gateway.ts';
import { startLifetime } from './lifetime.ts';
import { streamResponse } from './stream-response.ts';

/** POST /v1/chat/completions and POST /v2/chat: the pipeline, top to bottom. */
export function chatHandler(gateway: ChatGateway): StreamingHandler {
  const pipeline = middy({
    executionMode: executionModeStreamifyResponse,
    timeoutEarlyInMillis: 0,
    requestEnd: requestEnded(gateway),
  })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(settle(gateway))
    .use(parseChat(gateway))
    .use(authenticate(gateway))
    .use(planModels(gateway))
    .use(rateLimit(gateway))
    .handler((_event: APIGatewayProxyEvent, context: SettlingContext) => answerChat(gateway, context));
  // Middy's type asks the invoker for what its own middlewares add to the context.
  return pipeline as unknown as StreamingHandler;
}

/** Plans, asks the models in turn, and answers with the first good answer, whole or as a stream that has begun. */
async function answerChat(gateway: ChatGateway, context: SettlingContext): Promise<HttpResponse> {
  const { call } = context;
  const { configuration, clock } = gateway;
  const { chat, plan } = call;
  if (!chat || !plan) throw new Error('planModels must run before the handler');
  const { wire, request } = chat;
  const limitMs = timeLimitMs(request.options.timeoutMs, configuration.deadlines, context.getRemainingTimeInMillis());
  const lifetime = startLifetime(limitMs, context.callerSignal);
  try {
    const {
      answer,
      step,
      request: admitted,
    } = await runPlan(gateway, plan, lifetime.signal, {
      async before(attempted) {
        if (attempted !== plan.steps[0]) await chargeFallback(gateway, call, attempted);
        const admitted = await admitStep(gateway, call, request, attempted);
        call.step = attempted;
        call.attempts += 1;
        return admitted;
      },
      movingOn: () => releaseStep(gateway, call),
    });
    const served = { context, wire, request: admitted, plan, step };
    call.firstContentAtMs = clock();
    if (answer.kind === 'stream') return streamResponse(served, answer, lifetime, clock);
    lifetime.end();
    return completeResponse(served, answer, clock());
  } catch (thrown) {
    lifetime.end();
    call.error = thrown;
    if (!(thrown instanceof ProviderFailure)) throw thrown;
    if (thrown.failureClass === 'stopped' && call.attempts > 0)
      call.usage = estimatedUsage(estimateInputTokens(request.body), 0);
    throw thrown.error;
  }
}
