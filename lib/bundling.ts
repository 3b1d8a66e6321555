/** How functions are bundled: the options that the deployment and the tests of the bundles share. */
export const TARGET = 'node24';

/** Prefer a package's ES modules, which can be shaken. */
export const MAIN_FIELDS = ['module', 'main'];

/** Some packages inside the AWS SDK are CommonJS and call require for Node's own modules. */
export const BANNER = "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);";

/**
 * Ways to find AWS credentials that the SDK loads only when there are none in the environment. A function always has them
 * there; left out, they save a fifth of each bundle.
 */
export const NEVER_LOADED = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/nested-clients',
  '@smithy/credential-provider-imds',
];
