import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** A secret without a value in the template: it is filled by hand, and no later deployment can replace that. */
export function emptySecret(scope: Construct, id: string, description: string): Secret {
  const secret = new Secret(scope, id, { description });
  (secret.node.defaultChild as CfnSecret).addPropertyDeletionOverride('GenerateSecretString');
  return secret;
}
