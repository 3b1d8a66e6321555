import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

/** A new signing secret: 256 random bits in the form of the Standard Webhooks specification. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString('base64');
}

/**
 * The headers that prove who sent a webhook and when (Standard Webhooks specification, version 1: HMAC-SHA256 over
 * `<id>.<seconds>.<body>`). Throws for a secret of another form.
 */
export function webhookHeaders(id: string, nowMs: number, body: string, secret: string): Record<string, string> {
  if (!secret.startsWith(PREFIX)) throw new Error('The signing secret has another form than whsec_<base64>.');
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signature = createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
