import type { Configuration } from '../core/configuration.ts';
import { deployedSecret } from '../deployed-secret.ts';
import { composeGateway, deployedSurroundings, type Gateway, type Surroundings } from '../gateway.ts';
import type { Accounts, Keys } from '../ports.ts';
import { accountsStore } from '../store/accounts.ts';
import { keysStore } from '../store/keys.ts';

/** What the billing route needs beside what every handler does. */
export interface BillingGateway extends Gateway {
  accounts: Accounts;
  keys: Keys;
  /** What Stripe signs its webhooks with; undefined until the operator has set it. */
  stripeWebhookSecret(): Promise<string | undefined>;
}

/** The billing route's gateway in these surroundings. */
export function composeBillingGateway(
  surroundings: Surroundings,
  webhookSecret: () => Promise<string | undefined>,
): BillingGateway {
  const { configuration, database, tableName } = surroundings;
  const gateway = composeGateway(surroundings);
  return {
    ...gateway,
    accounts: accountsStore(database, tableName('accounts'), gateway.clock),
    keys: keysStore(database, tableName('accounts'), configuration, gateway.clock),
    stripeWebhookSecret: webhookSecret,
  };
}

/** The gateway of the deployed billing function. Its secret is JSON: `{"webhook": "whsec_…"}`. */
export function deployedBillingGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): BillingGateway {
  const secrets = deployedSecret(environment, 'STRIPE_SECRET_ARN');
  return composeBillingGateway(deployedSurroundings(environment, configuration), () => secrets.find('webhook'));
}
