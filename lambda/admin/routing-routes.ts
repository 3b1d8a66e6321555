import { invalidRequest } from '../core/errors.ts';
import { scoresOffset, signalsOffset } from '../core/routing/learned-quality.ts';
import type { AdminRequest, AdminRoute } from './handler.ts';

/** What callers' scores and signals have taught `auto`: seen, frozen and forgotten. Changes are audited under the account `routing`. */
export const routingRoutes: Readonly<Record<string, AdminRoute>> = {
  'GET /v2/admin/routing/quality': seeQuality,
  'PATCH /v2/admin/routing/quality': freezeQuality,
  'DELETE /v2/admin/routing/quality': forgetQuality,
};

const AUDITED_AS = 'routing';

async function seeQuality({ gateway }: AdminRequest) {
  const known = await gateway.learnedQuality.read();
  const data = known.opinions.map(({ modelId, taskClass, count, meanScore }) => ({
    model: modelId,
    taskClass,
    count,
    meanScore,
    offset: scoresOffset(known, modelId, taskClass),
  }));
  const signals = known.signals.map(({ modelId, taskClass, answers, lostThousandths }) => ({
    model: modelId,
    taskClass,
    answers,
    lost: lostThousandths / 1_000,
    offset: signalsOffset(known, modelId, taskClass),
  }));
  return { status: 200, body: { frozen: known.isFrozen, data, signals } };
}

async function freezeQuality(request: AdminRequest) {
  const { gateway, body, audit } = request;
  const { frozen, ...others } = body;
  if (typeof frozen !== 'boolean' || Object.keys(others).length > 0) {
    throw invalidRequest('frozen', 'The body must be {"frozen": true} or {"frozen": false}.');
  }
  await gateway.learnedQuality.setFrozen(frozen);
  await audit(AUDITED_AS, 'routing.freeze', null, { frozen });
  return seeQuality(request);
}

async function forgetQuality(request: AdminRequest) {
  const before = (await seeQuality(request)).body;
  await request.gateway.learnedQuality.reset();
  await request.audit(AUDITED_AS, 'routing.reset', before, null);
  return seeQuality(request);
}
