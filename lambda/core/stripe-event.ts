import { isJsonObject, type JsonObject } from './json-body.ts';

export interface Billing {
  stripe: { tierByPrice: Readonly<Record<string, string>> } | undefined;
}

/** What a subscription's event says about an account: from this moment on it has this tier. */
export interface TierChange {
  account: string;
  tier: string;
  /** When Stripe made the event, epoch seconds. */
  at: number;
}

/** Subscriptions in these states are paid for, or about to be (docs.stripe.com/billing/subscriptions/overview). */
const PAID = new Set(['active', 'trialing', 'past_due']);

const EVENTS = new Set([
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
]);

/**
 * The change that a verified event calls for, or undefined when it is about something else. A subscription that is not
 * paid for, or for a price without a tier, means the default tier.
 */
export function tierChange(event: JsonObject, billing: Billing, defaultTier: string): TierChange | undefined {
  if (!billing.stripe || typeof event.type !== 'string' || !EVENTS.has(event.type)) return undefined;
  const subscription = isJsonObject(event.data) ? event.data.object : undefined;
  if (!isJsonObject(subscription) || !isJsonObject(subscription.metadata)) return undefined;
  const account = subscription.metadata.headgate_account;
  if (typeof account !== 'string' || account === '' || typeof event.created !== 'number') return undefined;
  const isPaid = event.type !== 'customer.subscription.deleted' && PAID.has(String(subscription.status));
  const { tierByPrice } = billing.stripe;
  const price = pricesOf(subscription).find((id) => Object.hasOwn(tierByPrice, id));
  const tier = isPaid && price !== undefined ? (tierByPrice[price] as string) : defaultTier;
  return { account, tier, at: event.created };
}

function pricesOf({ items }: JsonObject): string[] {
  const list = isJsonObject(items) && Array.isArray(items.data) ? items.data : [];
  return list.flatMap((item) =>
    isJsonObject(item) && isJsonObject(item.price) && typeof item.price.id === 'string' ? [item.price.id] : [],
  );
}
