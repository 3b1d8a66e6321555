import type { APIGatewayProxyEvent } from 'aws-lambda';
import { GatewayError } from '../core/errors.ts';
import { parseJsonBody } from '../core/json-body.ts';
import { type TierChange, tierChange } from '../core/stripe-event.ts';
import { isSignedByStripe } from '../core/stripe-signature.ts';
import { type BufferedHandler, bodyText, lowerCaseHeaders } from '../http.ts';
import { type JsonAnswer, publicHandler } from '../json-handler.ts';
import type { BillingGateway } from './gateway.ts';

/** POST /v2/billing/stripe: moves an account to the tier of its subscription. Only Stripe's signature opens it. */
export function billingHandler(gateway: BillingGateway): BufferedHandler {
  return publicHandler(gateway, (event) => answerStripe(gateway, event));
}

async function answerStripe(gateway: BillingGateway, event: APIGatewayProxyEvent): Promise<JsonAnswer> {
  const { configuration } = gateway;
  if (!configuration.billing.stripe)
    throw new GatewayError('not_found', 'Billing by Stripe is off. config/billing.ts turns it on.');
  const body = bodyText(event, configuration.sizeLimits.requestBytes);
  const signature = lowerCaseHeaders(event)['stripe-signature'] ?? '';
  const secret = await gateway.stripeWebhookSecret();
  if (secret === undefined || !isSignedByStripe(body, signature, secret, gateway.clock())) {
    throw new GatewayError('invalid_request', 'The body is not signed by Stripe, or not in the last five minutes.');
  }
  const verified = parseJsonBody(body);
  const change = tierChange(verified, configuration.billing, configuration.defaultTier);
  const isApplied = change !== undefined && (await apply(gateway, change, String(verified.id)));
  return { status: 200, body: { received: true, applied: isApplied } };
}

/** Applies a change unless a newer one was applied before: Stripe sends events again, and in any order. */
async function apply(gateway: BillingGateway, { account, tier, at }: TierChange, eventId: string): Promise<boolean> {
  const changed = await gateway.accounts.change(account, (terms) =>
    (terms.billedAt ?? 0) > at ? terms : { ...terms, tier, billedAt: at },
  );
  if (!changed) throw new GatewayError('not_found', 'The subscription names an account that is not there.');
  await gateway.keys.copyTerms(changed.after);
  const { before, after } = changed;
  if (before.terms.tier === after.terms.tier) return false;
  await gateway.accounts.audit({
    account,
    by: `stripe ${eventId}`,
    action: 'account.tier',
    before: before.terms,
    after: after.terms,
  });
  return true;
}
