import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MicroDollars } from '../core/price.ts';
import { requestTimeMs } from '../core/request-id.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import type { UsageEvents } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/** Events are kept for 13 months, so that a month can be compared with the same month of the year before. */
const KEPT_DAYS = 400;
const DAY_SECONDS = 86_400;

export interface UsageEventsStore extends UsageEvents {
  /** The event of a request, or undefined when the account has none with this id. */
  find(account: string, requestId: string): Promise<UsageEvent | undefined>;
}

/**
 * Finds what a reservation did cost, micro-dollars, in the ledger; undefined when its request has no event. A request's
 * second and later calls reserve under `<request id>~<number>`; the last one is what the event is about.
 */
export function costIn(events: UsageEventsStore) {
  return async (account: string, reservationId: string): Promise<MicroDollars | undefined> => {
    const [requestId = '', call = '0'] = reservationId.split('~');
    const event = await events.find(account, requestId);
    if (!event) return undefined;
    const { attempts, admissions = attempts } = event;
    return Number(call) === Math.max(0, admissions - 1) ? event.costMicroDollars : 0;
  };
}

/** The ledger in the `usage` table: one item a request, at `pk = events#<account>#<day>`, `sk = <request id>`. */
export function usageEventsStore(client: DynamoDBDocumentClient, tableName: string): UsageEventsStore {
  return {
    async record(event) {
      const key = eventKey(event.account, event.requestId);
      const expiresAt = Math.ceil(event.startedAtMs / 1_000) + KEPT_DAYS * DAY_SECONDS;
      await unlessConditionFails(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...key, ...event, expiresAt },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
    },

    async find(account, requestId) {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: eventKey(account, requestId) }));
      if (!Item) return undefined;
      const { pk: _pk, sk: _sk, expiresAt: _expiresAt, ...event } = Item;
      return event as UsageEvent;
    },
  };
}

/** The day is the request's own (UTC), read off its id: a repeated write finds the same item. */
function eventKey(account: string, requestId: string): { pk: string; sk: string } {
  const day = new Date(requestTimeMs(requestId)).toISOString().slice(0, 10);
  return { pk: `events#${account}#${day}`, sk: requestId };
}
