import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type BudgetRules, ceilings, isLimited } from '../core/budget.ts';
import { dayAt, monthOf } from '../core/calendar.ts';
import type { MicroDollars } from '../core/price.ts';
import type { Caller, Clock } from '../ports.ts';
import { readDay, sumDays } from './budget-item.ts';

/** Reads what is left of the nearest of a caller's budgets, and reserves nothing; undefined for one that none limits. */
export function budgetLeft(client: DynamoDBDocumentClient, tableName: string, rules: BudgetRules, clock: Clock) {
  return async ({ account, keyId, terms }: Caller): Promise<MicroDollars | undefined> => {
    const { budgets, keyBudgets, timeZone } = terms;
    if (!isLimited(budgets, keyBudgets)) return undefined;
    const today = dayAt(clock(), timeZone);
    const isOfMonth = (budgets.monthMicroDollars ?? keyBudgets.monthMicroDollars) !== undefined;
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :today',
        ExpressionAttributeValues: {
          ':pk': `budget#${account}`,
          ':first': isOfMonth ? `${monthOf(today)}-01` : today,
          ':today': today,
        },
      }),
    );
    const days = (isWanted: (day: unknown) => boolean) => Items.filter(({ sk }) => isWanted(sk)).map(readDay);
    const earlier = sumDays(
      days((day) => day !== today),
      keyId,
    );
    const committed = sumDays(
      days((day) => day === today),
      keyId,
    );
    const most = ceilings(budgets, keyBudgets, earlier, rules);
    return Math.max(0, Math.min(most.account.most - committed.account, most.key.most - committed.key));
  };
}
