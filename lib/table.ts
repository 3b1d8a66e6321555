import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { TABLES, type TableName } from '../lambda/store/tables.ts';

/** A table as `TABLES` describes it, paid by request. What is kept also gets point-in-time recovery. */
export function table(scope: Construct, name: TableName, removalPolicy: RemovalPolicy): TableV2 {
  const { partitionKey, sortKey, timeToLive } = TABLES[name];
  const isKept = removalPolicy === RemovalPolicy.RETAIN;
  return new TableV2(scope, `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`, {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    timeToLiveAttribute: timeToLive,
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: isKept },
    deletionProtection: isKept,
    removalPolicy,
  });
}
