import { Aws } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What a user of a table needs of the key that encrypts it (DynamoDB guide, "Encryption at rest: usage notes"). */
const TABLE_KEY = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** Lets a function use an operator's key through DynamoDB, and not by itself. Secrets grant their part where they are read. */
export function grantTableKey(role: IRole, keyArn: string): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: TABLE_KEY,
      resources: [keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.amazonaws.com` } },
    }),
  );
}
