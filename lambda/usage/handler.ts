import { DAY_MS } from '../core/calendar.ts';
import { EXPIRING, newErasure, withoutErased } from '../core/erasure.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import { given } from '../core/given.ts';
import { isRequestId } from '../core/request-id.ts';
import type { BufferedHandler } from '../http.ts';
import { type JsonAnswer, keyedHandler } from '../json-handler.ts';
import type { Caller } from '../ports.ts';
import { queryOf } from '../query-of.ts';
import type { UsageGateway } from './gateway.ts';
import { answerRoutingReport } from './routing-report.ts';
import { answerSums } from './sums.ts';
import { accountIn, checkFields, cursorIn, limitIn, listedDaysIn } from './usage-query.ts';

type Query = Readonly<Record<string, string | undefined>>;

/**
 * GET /v2/usage: sums; GET /v2/usage/requests: the newest events; GET /v2/usage/requests/{id}: one. DELETE /v2/usage orders that
 * end users be erased; GET /v2/usage/erasures/{id} is the receipt. Each of the caller's own account; admins may name another by
 * `?account=`, and ask for the sums of all. GET /v2/admin/routing/report is here, too, as no other function of admins may see the ledger.
 */
export function usageHandler(gateway: UsageGateway): BufferedHandler {
  return keyedHandler(gateway, async (event, call) => {
    const { httpMethod, resource, pathParameters } = event;
    const { caller, requestId } = call;
    if (!caller) throw new Error('authenticate must run before the handler');
    const query = queryOf(event);
    const id = pathParameters?.id ?? '';
    switch (`${httpMethod} ${resource}`) {
      case 'GET /v2/usage':
        return answerSums(gateway, query, caller);
      case 'DELETE /v2/usage':
        return orderErasure(gateway, query, caller, requestId);
      case 'GET /v2/usage/erasures/{id}':
        return answerErasure(gateway, query, caller, id);
      case 'GET /v2/admin/routing/report':
        return answerRoutingReport(gateway, query, caller);
      case 'GET /v2/usage/requests':
        return answerList(gateway, query, caller);
      default:
        return answerOne(gateway, query, caller, id);
    }
  });
}

async function answerList(gateway: UsageGateway, query: Query, caller: Caller): Promise<JsonAnswer> {
  const fields = ['account', 'from', 'to', 'model', 'outcome', 'user', 'key', 'limit', 'cursor'];
  checkFields(query, 'GET /v2/usage/requests', fields);
  const { fromDay, toDay } = listedDaysIn(query, gateway.clock(), gateway.configuration.retention.usageDays);
  const { model, outcome, user, key: keyId } = query;
  const before = cursorIn(query);
  const { events, next } = await gateway.ledger.list(
    accountIn(query, caller),
    {
      fromMs: fromDay * DAY_MS,
      toMs: (toDay + 1) * DAY_MS,
      fields: given({ model, outcome, user, keyId }),
      ...given({ before }),
    },
    limitIn(query, 50, 200),
  );
  const orders = await gateway.erasures.of(accountIn(query, caller));
  // Who was asked for by name may have been erased.
  const data = events
    .map((event) => withoutErased(event, orders))
    .filter((event) => user === undefined || event.user === user);
  return { status: 200, body: { data, ...given({ next }) } };
}

async function answerOne(gateway: UsageGateway, query: Query, caller: Caller, id: string): Promise<JsonAnswer> {
  checkFields(query, 'GET /v2/usage/requests/{id}', ['account']);
  const account = accountIn(query, caller);
  const event = isRequestId(id) ? await gateway.ledger.find(account, id) : undefined;
  if (!event) throw new GatewayError('not_found', 'This account has no request of this id.');
  return { status: 200, body: withoutErased(event, await gateway.erasures.of(account)) };
}

async function orderErasure(
  gateway: UsageGateway,
  query: Query,
  caller: Caller,
  requestId: string,
): Promise<JsonAnswer> {
  checkFields(query, 'DELETE /v2/usage', ['account', 'user']);
  const { user, account: named } = query;
  if (user === undefined && named === undefined) {
    throw invalidRequest('user', 'Name an end user by user, or all of them by account.');
  }
  const account = accountIn(query, caller);
  const order = newErasure(requestId, account, user, gateway.clock());
  await gateway.erasures.order(order);
  return { status: 202, body: { ...order, receipt: `/v2/usage/erasures/${requestId}` } };
}

async function answerErasure(gateway: UsageGateway, query: Query, caller: Caller, id: string): Promise<JsonAnswer> {
  checkFields(query, 'GET /v2/usage/erasures/{id}', ['account']);
  const erasure = isRequestId(id) ? await gateway.erasures.find(accountIn(query, caller), id) : undefined;
  if (!erasure) throw new GatewayError('not_found', 'This account has no erasure of this id.');
  return { status: 200, body: { ...erasure, expiring: EXPIRING } };
}
