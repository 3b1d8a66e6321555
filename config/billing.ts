import type { Billing } from '../lambda/core/stripe-event.ts';

/**
 * Who sells the tiers. With `stripe: { tierByPrice: { price_…: 'pro' } }` there is a route for Stripe's webhook, which moves
 * an account to the tier of what it subscribes to; the subscription's metadata `headgate_account` names the account.
 */
export const billing: Billing = { stripe: undefined };
