import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What most functions may do with a table. */
export const READ = ['dynamodb:GetItem', 'dynamodb:Query'];
export const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** The partition keys that items of a kind begin with, as docs/data-model.md has them. */
const KEYS = ['key#*'];
const ACCOUNTS = ['account#*'];
const ERASURES = ['erasures', 'erasures#*'];
const ACCOUNT_LIST = ['accounts'];
const BUDGETS = ['budget#*'];
const SCORED = ['events#*', 'late-events#*'];

/** Lets a function look up callers' keys: no accounts, no webhook secrets, no audit records. */
export function grantKeyLookup(accounts: TableV2, grantee: IGrantable, action = 'dynamodb:GetItem'): void {
  grantItems(accounts, grantee, action, KEYS);
}

/** Lets a function read accounts, and the secrets of their webhooks. */
export function grantAccountRead(accounts: TableV2, grantee: IGrantable): void {
  grantItems(accounts, grantee, 'dynamodb:GetItem', ACCOUNTS);
}

/** Lets a function write orders to erase, and nothing else of the ledger. */
export function grantErasureOrders(usage: TableV2, grantee: IGrantable): void {
  grantItems(usage, grantee, 'dynamodb:PutItem', ERASURES);
}

/** Lets a function list the ids of all accounts, and nothing of theirs. */
export function grantAccountList(accounts: TableV2, grantee: IGrantable): void {
  grantItems(accounts, grantee, 'dynamodb:Query', ACCOUNT_LIST);
}

/** Lets a function look what is left of budgets. */
export function grantBudgetRead(usage: TableV2, grantee: IGrantable): void {
  grantItems(usage, grantee, 'dynamodb:Query', BUDGETS);
}

/** Lets a function write a score on its event, and a note that the event's hour is to be summed up anew. */
export function grantScoring(usage: TableV2, grantee: IGrantable): void {
  for (const action of WRITE) grantItems(usage, grantee, action, SCORED);
}

function grantItems(table: TableV2, grantee: IGrantable, action: string, partitionKeys: readonly string[]): void {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: [action],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitionKeys } },
    }),
  );
}
