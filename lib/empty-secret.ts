import { Key } from 'aws-cdk-lib/aws-kms';
import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** A secret without a value in the template: it is filled by hand, and no later deployment can replace that. */
export function emptySecret(
  scope: Construct,
  id: string,
  description: string,
  encryptionKeyArn: string | undefined,
): Secret {
  const key = encryptionKeyArn === undefined ? undefined : Key.fromKeyArn(scope, `${id}Key`, encryptionKeyArn);
  const secret = new Secret(scope, id, { description, ...(key ? { encryptionKey: key } : {}) });
  (secret.node.defaultChild as CfnSecret).addPropertyDeletionOverride('GenerateSecretString');
  return secret;
}
