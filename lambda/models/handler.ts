import middy from '@middy/core';
import { answerHeaders } from '../answer-headers.ts';
import type { CallContext } from '../call.ts';
import { mayUse } from '../core/terms.ts';
import type { Gateway } from '../gateway.ts';
import { type BufferedHandler, JSON_TYPE } from '../http.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import { modelShown } from './model-shown.ts';

/** GET /v1/models: the configured models that the caller may use, in OpenAI's list format with fields of our own. */
export function modelsHandler(gateway: Gateway): BufferedHandler {
  const { models } = gateway.configuration;
  const data = Object.entries(models).map(([id, model]) => modelShown(id, model));
  const pipeline = middy({ timeoutEarlyInMillis: 0, requestEnd: requestEnded(gateway) })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .use(authenticate(gateway))
    .handler(async (_event, { call }: CallContext) => ({
      statusCode: 200,
      headers: { 'content-type': JSON_TYPE, ...answerHeaders(call, gateway.clock()) },
      body: JSON.stringify({
        object: 'list',
        data: data.filter(({ id }) => !call.caller || mayUse(call.caller.terms, id)),
      }),
    }));
  return pipeline as unknown as BufferedHandler;
}
