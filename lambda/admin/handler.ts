import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Call } from '../call.ts';
import { GatewayError } from '../core/errors.ts';
import { type JsonObject, parseJsonBody } from '../core/json-body.ts';
import { type BufferedHandler, bodyText } from '../http.ts';
import { type JsonAnswer, keyedHandler } from '../json-handler.ts';
import { requireAdmin } from '../middleware/require-admin.ts';
import { accountRoutes } from './account-routes.ts';
import type { AdminGateway } from './gateway.ts';
import { keyRoutes } from './key-routes.ts';
import { routingRoutes } from './routing-routes.ts';

/** One admin request, read. */
export interface AdminRequest {
  gateway: AdminGateway;
  /** The path's id; empty where the path has none. */
  id: string;
  query: Record<string, string | undefined>;
  body: JsonObject;
  /** Writes the audit record of a change. */
  audit(account: string, action: string, before: unknown, after: unknown): Promise<void>;
}

/** Longer than any account or key id. */
const MAXIMUM_ID_LENGTH = 128;

export type AdminRoute = (request: AdminRequest) => Promise<{ status: number; body: unknown }>;

const ROUTES: Readonly<Record<string, AdminRoute>> = { ...accountRoutes, ...keyRoutes, ...routingRoutes };

/** /v2/admin: accounts, keys and their audit, for admin keys only. */
export function adminHandler(gateway: AdminGateway): BufferedHandler {
  return keyedHandler(gateway, (event, call) => answerAdmin(gateway, event, call), requireAdmin());
}

async function answerAdmin(gateway: AdminGateway, event: APIGatewayProxyEvent, call: Call): Promise<JsonAnswer> {
  const route = ROUTES[call.route];
  if (!route) throw new GatewayError('not_found', 'There is no such admin route.');
  const text = bodyText(event, gateway.configuration.sizeLimits.requestBytes);
  const by = call.caller?.keyId ?? '';
  const id = event.pathParameters?.id ?? '';
  if (id.length > MAXIMUM_ID_LENGTH) throw new GatewayError('not_found', 'There is nothing of this id.');
  return route({
    gateway,
    id,
    query: event.queryStringParameters ?? {},
    body: text === '' ? {} : parseJsonBody(text),
    audit: (account, action, before, after) => gateway.accounts.audit({ account, by, action, before, after }),
  });
}
