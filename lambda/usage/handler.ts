import { GatewayError } from '../core/errors.ts';
import { isRequestId } from '../core/request-id.ts';
import type { BufferedHandler } from '../http.ts';
import { keyedHandler } from '../json-handler.ts';
import type { UsageGateway } from './gateway.ts';

/** GET /v2/usage/requests/{id}: the usage event of one request. Admins may ask for another account by `?account=`. */
export function usageHandler(gateway: UsageGateway): BufferedHandler {
  return keyedHandler(gateway, async ({ pathParameters, queryStringParameters }, { caller }) => {
    const id = pathParameters?.id ?? '';
    const asked = caller?.role === 'admin' ? queryStringParameters?.account : undefined;
    const account = asked ?? caller?.account ?? '';
    const event = isRequestId(id) ? await gateway.ledger.find(account, id) : undefined;
    if (!event) throw new GatewayError('not_found', 'This account has no request of this id.');
    return { status: 200, body: event };
  });
}
