import { powertoolsObserver } from '../../lambda/powertools-observer.ts';

/** Tells of one answered request, as the chat function does. Run in a process of its own, whose output is what CloudWatch takes in. */
const isOfModel = process.argv[2] === 'model';
powertoolsObserver('chat', {}).requestEnded({
  requestId: '01a20e71-4c1f-7abc-8def-0123456789ab',
  route: 'POST /v1/chat/completions',
  status: isOfModel ? 200 : 429,
  latencyMs: 3_090,
  errorCode: isOfModel ? undefined : 'rate_limit_exceeded',
  error: undefined,
  event: isOfModel
    ? {
        requestId: '01a20e71-4c1f-7abc-8def-0123456789ab',
        account: 'acme',
        keyId: 'key_ba7816bf8f01cfea',
        startedAtMs: 1_795_538_625_000,
        wire: 'openai',
        stream: true,
        requestedModel: 'gpt-4o-mini',
        model: 'openai/gpt-4o-mini',
        provider: 'openai',
        outcome: 'answered',
        finishReason: 'stop',
        usage: {
          uncachedInputTokens: 800,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          audioInputTokens: 0,
          textOutputTokens: 240,
          reasoningTokens: 0,
          audioOutputTokens: 0,
          estimated: false,
        },
        costMicroDollars: 264,
        cacheReason: 'kept',
        priceCatalogueVersion: 'genai-prices 0.1.8',
        attempts: 1,
        latencyMs: 3_090,
        timeToFirstTokenMs: 410,
      }
    : undefined,
});
