import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old a signature may be: Stripe's own libraries take five minutes. */
const TOLERANCE_SECONDS = 300;

/**
 * True when Stripe signed this body with this secret within five minutes. The header is `t=<seconds>,v1=<hex>`, with one v1
 * for each secret that is valid while it is being replaced; each is the HMAC-SHA256 of `<seconds>.<body>`
 * (docs.stripe.com/webhooks, "Verify webhook signatures manually").
 */
export function isSignedByStripe(body: string, header: string, secret: string, nowMs: number): boolean {
  const parts = header.split(',').map((part) => part.trim().split('=', 2));
  const timestamps = parts.filter(([name]) => name === 't');
  const seconds = timestamps.length === 1 ? (timestamps[0]?.[1] ?? '') : '';
  if (!/^\d{1,12}$/.test(seconds)) return false;
  if (Math.abs(nowMs / 1_000 - Number(seconds)) > TOLERANCE_SECONDS) return false;
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
  return parts.some(([name, value]) => name === 'v1' && isEqual(expected, Buffer.from(value ?? '', 'hex')));
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
