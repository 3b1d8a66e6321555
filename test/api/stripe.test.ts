import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

const SECRET = 'whsec_of_the_tests';
const { webhooks } = new Stripe('sk_test_unused');

let gateway: GatewayUnderTest;
let account: string;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    overrides: { billing: { stripe: { tierByPrice: { price_pro: 'pro', price_expert: 'expert' } } } },
    environment: { STRIPE_WEBHOOK_SECRET: SECRET },
  });
  ({ account } = await gateway.newCaller({ tier: 'free' }));
});
afterAll(() => gateway.close());

function event(type: string, created: number, price: string, status = 'active'): string {
  const metadata = { headgate_account: account };
  const object = { object: 'subscription', status, metadata, items: { data: [{ price: { id: price } }] } };
  return JSON.stringify({ id: `evt_${created}`, object: 'event', type, created, data: { object } });
}

function send(payload: string, header = webhooks.generateTestHeaderString({ payload, secret: SECRET })) {
  return fetch(`${gateway.url}/v2/billing/stripe`, {
    method: 'POST',
    headers: { 'stripe-signature': header },
    body: payload,
  });
}

const tier = async () => (await bodyOf(await gateway.asAdmin('GET', `/v2/admin/accounts/${account}`))).tier;
const UPDATED = 'customer.subscription.updated';

describe("Stripe's webhook", () => {
  it('moves an account to the tier of its price, and back when the subscription ends', async () => {
    expect(await bodyOf(await send(event('customer.subscription.created', 100, 'price_pro')))).toEqual({
      received: true,
      applied: true,
    });
    expect(await tier()).toBe('pro');
    await send(event(UPDATED, 200, 'price_expert'));
    expect(await tier()).toBe('expert');
    await send(event(UPDATED, 300, 'price_expert', 'unpaid'));
    expect(await tier()).toBe('free');
    await send(event(UPDATED, 400, 'price_pro'));
    await send(event('customer.subscription.deleted', 500, 'price_pro'));
    expect(await tier()).toBe('free');
  });

  it('is not confused by events that come again, or late', async () => {
    await send(event(UPDATED, 1_000, 'price_expert'));
    for (const late of [event(UPDATED, 900, 'price_pro'), event('customer.subscription.deleted', 950, 'price_pro')]) {
      expect(await bodyOf(await send(late))).toEqual({ received: true, applied: false });
    }
    expect(await bodyOf(await send(event(UPDATED, 1_000, 'price_expert')))).toEqual({ received: true, applied: false });
    expect(await tier()).toBe('expert');
    const { data } = await bodyOf(await gateway.asAdmin('GET', `/v2/admin/accounts/${account}/audit`));
    expect(data[0]).toMatchObject({ by: 'stripe evt_1000', action: 'account.tier', after: { tier: 'expert' } });
  });

  it('opens to nothing but a signature of ours that is fresh', async () => {
    const payload = event(UPDATED, 9_000, 'price_pro');
    const old = webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp: 1_000_000 });
    const foreign = webhooks.generateTestHeaderString({ payload, secret: 'whsec_other' });
    for (const header of ['', 'nonsense', old, foreign]) expect((await send(payload, header)).status).toBe(400);
    const changed = payload.replace('price_pro', 'price_expert');
    expect((await send(changed, webhooks.generateTestHeaderString({ payload, secret: SECRET }))).status).toBe(400);
    expect(await tier()).toBe('expert');
  });

  it('takes note of other events without doing anything', async () => {
    expect(await bodyOf(await send(event('invoice.paid', 9_999, 'price_pro')))).toEqual({
      received: true,
      applied: false,
    });
  });

  it('is off unless configured', async () => {
    const plain = await startGatewayUnderTest();
    expect((await plain.post('/v2/billing/stripe', {})).status).toBe(404);
    await plain.close();
  });
});
