import type { APIGatewayProxyEvent } from 'aws-lambda';
import { bearerToken, hashApiKey } from '../core/api-key.ts';
import { type BufferedHandler, lowerCaseHeaders } from '../http.ts';
import { publicHandler } from '../json-handler.ts';
import type { HealthGateway } from './gateway.ts';
import { type Health, healthLook } from './look.ts';

/**
 * GET /v2/health: 200 when the gateway can serve, 503 when a store it needs does not answer. The route is public and tells
 * levels only; an admin's key shows what they were concluded from.
 */
export function healthHandler(gateway: HealthGateway): BufferedHandler {
  const look = healthLook(gateway);
  return publicHandler(gateway, async (event) => {
    const { isServing, ...health } = await look();
    // Without the store no key can be checked, and nobody is to wait for that.
    const isDetailed = isServing && (await isAdmin(gateway, event));
    return { status: isServing ? 200 : 503, body: isDetailed ? health : levelsOf(health) };
  });
}

/** A key that cannot be checked shows what everybody sees. */
async function isAdmin({ callers }: HealthGateway, event: APIGatewayProxyEvent): Promise<boolean> {
  const key = bearerToken(lowerCaseHeaders(event).authorization);
  if (key === undefined) return false;
  const caller = await callers.find(hashApiKey(key)).catch(() => undefined);
  return caller?.role === 'admin';
}

function levelsOf({ models, details: _details, ...levels }: Omit<Health, 'isServing'>) {
  return {
    ...levels,
    models: Object.fromEntries(Object.entries(models).map(([id, { status }]) => [id, status])),
  };
}
