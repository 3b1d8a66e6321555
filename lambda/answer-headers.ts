import type { Call } from './call.ts';
import { costOf, dollarsText, type MicroDollars } from './core/price.ts';
import { rateLimitHeaders } from './core/rate-charges.ts';

/** What the provider's answer to this call costs so far. */
export function costOfCall({ usage, step, reused }: Call): MicroDollars {
  if (reused) return 0;
  return usage && step ? costOf(usage, step.model.price) : 0;
}

/** From here on callers see how far their budget is used. */
const SHOWN_FROM_PERCENT = 80;

/** The `x-headgate-*` headers of an answer: what is known when its first byte goes out. */
export function answerHeaders(call: Call, nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {
    'x-headgate-request-id': call.requestId,
    // OpenAI's clients show this one.
    'x-request-id': call.requestId,
    'x-headgate-attempts': String(call.attempts),
    ...rateLimitHeaders(call.standings ?? [], nowMs),
  };
  if (call.step) {
    headers['x-headgate-model'] = call.step.modelId;
    headers['x-headgate-provider'] = call.step.model.provider;
    headers['x-headgate-cache'] = call.reused?.how ?? 'miss';
  }
  if (call.routing) headers['x-headgate-route-reason'] = call.routing.reason;
  if (call.identity) headers['x-headgate-cache-key'] = call.reused?.fingerprint ?? call.identity.fingerprint;
  // RFC 9111, section 5.1: whole seconds since the answer was made.
  const reused = call.reused?.answer;
  if (reused && 'storedAtMs' in reused)
    headers.age = String(Math.max(0, Math.floor((nowMs - reused.storedAtMs) / 1_000)));
  if (call.budgetPercent !== undefined && call.budgetPercent >= SHOWN_FROM_PERCENT) {
    headers['x-headgate-budget-percent'] = String(Math.floor(call.budgetPercent));
  }
  const isCostKnown = call.outcome !== undefined;
  if (isCostKnown) headers['x-headgate-cost-usd'] = dollarsText(costOfCall(call));
  return headers;
}
