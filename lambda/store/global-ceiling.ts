import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dayAt } from '../core/calendar.ts';
import type { MicroDollars } from '../core/price.ts';
import type { Clock, GlobalCeiling } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';

/** A process leases this part of the day's ceiling at a time: small, since what it has left when it ends is lost for the day. */
const SLICES = 2_000;

/**
 * The most the whole deployment may spend in a day (UTC): one item in the `usage` table at `pk = ceiling`, `sk = <day>`, from
 * which processes lease slices. Within its slice a process decides in memory, so that no item is touched by every request.
 */
export function globalCeilingStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  ceiling: MicroDollars,
  clock: Clock,
): GlobalCeiling {
  let leasedFor = '';
  let left = 0;

  async function lease(day: string, amount: MicroDollars): Promise<boolean> {
    if (amount > ceiling) return false;
    return unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { pk: 'ceiling', sk: day },
          UpdateExpression: 'SET leased = if_not_exists(leased, :zero) + :amount',
          ConditionExpression: 'attribute_not_exists(leased) OR leased <= :room',
          ExpressionAttributeValues: { ':zero': 0, ':amount': amount, ':room': ceiling - amount },
        }),
      ),
    );
  }

  return {
    async reserve(amount) {
      const day = dayAt(clock(), 'UTC');
      if (day !== leasedFor) {
        leasedFor = day;
        left = 0;
      }
      if (left < amount) {
        const slice = Math.max(amount, Math.floor(ceiling / SLICES));
        if (await lease(day, slice)) left += slice;
        else if (await lease(day, amount)) left += amount;
      }
      if (left < amount || day !== leasedFor) return undefined;
      left -= amount;
      return { day, amount };
    },

    settle({ day, amount }, actual) {
      if (day === leasedFor) left += amount - actual;
    },
  };
}

/** For deployments without a ceiling. */
export const NO_CEILING: GlobalCeiling = {
  reserve: async (amount) => ({ day: '', amount }),
  settle() {},
};
