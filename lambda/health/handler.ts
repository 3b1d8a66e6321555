import middy from '@middy/core';
import { answerHeaders } from '../answer-headers.ts';
import type { CallContext } from '../call.ts';
import type { Gateway } from '../gateway.ts';
import { type BufferedHandler, JSON_TYPE } from '../http.ts';
import { answerErrors } from '../middleware/answer-errors.ts';
import { observe, requestEnded } from '../middleware/observe.ts';
import type { Clock, Dependency } from '../ports.ts';

type Level = 'healthy' | 'unhealthy';

/** The route is public: one look at the stores every few seconds is enough for any number of callers. */
const REMEMBERED_MS = 2_000;

/** GET /v2/health: 200 when the gateway can serve, 503 when a store it needs does not answer. */
export function healthHandler(gateway: Gateway): BufferedHandler {
  const look = healthCheck(gateway.dependencies, gateway.clock);
  const pipeline = middy({ timeoutEarlyInMillis: 0, requestEnd: requestEnded(gateway) })
    .use(answerErrors(gateway))
    .use(observe(gateway))
    .handler(async (_event, { call }: CallContext) => {
      const dependencies = await look();
      const status: Level = Object.values(dependencies).includes('unhealthy') ? 'unhealthy' : 'healthy';
      return {
        statusCode: status === 'healthy' ? 200 : 503,
        headers: { 'content-type': JSON_TYPE, 'cache-control': 'no-store', ...answerHeaders(call, gateway.clock()) },
        body: JSON.stringify({ status, dependencies }),
      };
    });
  return pipeline as unknown as BufferedHandler;
}

function healthCheck(dependencies: readonly Dependency[], clock: Clock): () => Promise<Record<string, Level>> {
  let last: Promise<Record<string, Level>> | undefined;
  let lookedAtMs = 0;
  return () => {
    if (!last || clock() - lookedAtMs >= REMEMBERED_MS) {
      lookedAtMs = clock();
      last = lookAt(dependencies);
    }
    return last;
  };
}

async function lookAt(dependencies: readonly Dependency[]): Promise<Record<string, Level>> {
  const looks = dependencies.map(async ({ name, check }) => {
    const level = await check().then(
      (): Level => 'healthy',
      (): Level => 'unhealthy',
    );
    return [name, level] as const;
  });
  return Object.fromEntries(await Promise.all(looks));
}
