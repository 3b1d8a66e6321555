import { GatewayError, invalidRequest } from '../core/errors.ts';
import { type JsonObject, parseJsonBody } from '../core/json-body.ts';
import { isRequestId } from '../core/request-id.ts';
import { type BufferedHandler, bodyText } from '../http.ts';
import { keyedHandler } from '../json-handler.ts';
import type { FeedbackGateway } from './gateway.ts';

/**
 * POST /v2/feedback: what the caller thinks of an answer, once for each request. Only requests that left their model to the
 * gateway count, as of those it is known what they asked for.
 */
export function feedbackHandler(gateway: FeedbackGateway): BufferedHandler {
  return keyedHandler(gateway, async (event, { caller }) => {
    if (!caller) throw new Error('authenticate must run before the handler');
    const { requestId, score } = feedbackIn(
      parseJsonBody(bodyText(event, gateway.configuration.sizeLimits.requestBytes)),
    );
    const { account } = caller;
    const scored = await gateway.ledger.find(account, requestId);
    // What marks a request as scored goes with its end user.
    if (!scored || scored.isErased)
      throw new GatewayError('not_found', 'This account has no request of this id.', { param: 'requestId' });
    const { routing, model, outcome } = scored;
    if (!routing || model === undefined || outcome !== 'answered' || scored.side !== undefined) {
      throw invalidRequest('requestId', 'Only answers to requests for "auto", or a policy, can be scored.');
    }
    const { taskClass } = routing;
    // A repeated try with the same score gets past the ledger, in case the first one got no further.
    const isWritten = await gateway.ledger.score(account, requestId, score);
    const result = isWritten
      ? await gateway.learnedQuality.add({ account, requestId, modelId: model, taskClass, score })
      : 'repeated';
    if (result === 'repeated')
      throw new GatewayError('conflict', 'This request has been scored before.', { param: 'requestId' });
    return { status: 200, body: { requestId, model, taskClass, counted: result === 'counted' } };
  });
}

const FIELDS = ['requestId', 'score'];

function feedbackIn(body: JsonObject): { requestId: string; score: number } {
  if (Object.keys(body).some((field) => !FIELDS.includes(field))) {
    throw invalidRequest('body', `The body has a field that is none of ${FIELDS.join(', ')}.`);
  }
  const { requestId, score } = body;
  if (typeof requestId !== 'string' || !isRequestId(requestId)) {
    throw invalidRequest('requestId', '"requestId" must be the x-headgate-request-id of an answer.');
  }
  if (typeof score !== 'number' || !(score >= 0 && score <= 1)) {
    throw invalidRequest('score', '"score" must be a number from 0 (useless) to 1 (perfect).');
  }
  return { requestId, score };
}
