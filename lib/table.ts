import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLES, type TableName } from '../lambda/store/tables.ts';

export interface TableOptions {
  /** It stays when its stack goes, and is protected from deletion. */
  isKept: boolean;
  /** Days it can be put back to any second of; 0 for none. */
  recoveryDays: number;
  encryptionKeyArn: string | undefined;
}

/** A table as `TABLES` describes it, paid by request. */
export function table(scope: Construct, name: TableName, options: TableOptions): TableV2 {
  const { partitionKey, sortKey, timeToLive } = TABLES[name];
  const { isKept, recoveryDays, encryptionKeyArn } = options;
  const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`;
  return new TableV2(scope, id, {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    timeToLiveAttribute: timeToLive,
    billing: Billing.onDemand(),
    encryption:
      encryptionKeyArn === undefined
        ? TableEncryptionV2.awsManagedKey()
        : TableEncryptionV2.customerManagedKey(Key.fromKeyArn(scope, `${id}Key`, encryptionKeyArn)),
    pointInTimeRecoverySpecification:
      recoveryDays > 0
        ? { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: recoveryDays }
        : { pointInTimeRecoveryEnabled: false },
    resourcePolicy: overTlsOnly(),
    deletionProtection: isKept,
    removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

/** DynamoDB has endpoints without TLS, too: nobody may use them for this table. Its own ARN is not known inside the policy. */
function overTlsOnly(): PolicyDocument {
  const statement = new PolicyStatement({
    sid: 'OverTlsOnly',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['dynamodb:*'],
    resources: ['*'],
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  return new PolicyDocument({ statements: [statement] });
}
