import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { table } from './table.ts';

/** What must survive: the accounts and the ledger. Deleting the stack leaves both tables. */
export class DataStack extends Stack {
  readonly accounts: TableV2;
  readonly usage: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id, { terminationProtection: true });
    this.accounts = table(this, 'accounts', RemovalPolicy.RETAIN);
    this.usage = table(this, 'usage', RemovalPolicy.RETAIN);
  }
}
