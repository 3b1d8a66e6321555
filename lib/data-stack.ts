import { Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { Deployment } from '../config/deployment.ts';
import { table } from './table.ts';

export interface DataStackProps extends Pick<StackProps, 'env'> {
  deployment: Pick<Deployment, 'recoveryDays' | 'dataRemoval' | 'encryptionKeyArn'>;
}

/** What must survive: the accounts and the ledger. Deleting the stack leaves both tables, unless the stage says otherwise. */
export class DataStack extends Stack {
  readonly accounts: TableV2;
  readonly usage: TableV2;

  constructor(scope: Construct, id: string, { deployment, ...props }: DataStackProps) {
    const { recoveryDays, encryptionKeyArn } = deployment;
    const isKept = deployment.dataRemoval === 'keep';
    super(scope, id, { ...props, terminationProtection: isKept });
    this.accounts = table(this, 'accounts', { isKept, recoveryDays, encryptionKeyArn });
    this.usage = table(this, 'usage', { isKept, recoveryDays, encryptionKeyArn });
  }
}
