import type { Charge, Standing } from './rate-window.ts';
import type { CallerTerms } from './terms.ts';

/** The counter of tokens; the others count requests: `r` the account's, `k:<key>` a key's, `m:<model>` a model's. */
export const TOKENS = 't';
const REQUESTS = 'r';

/** Output tokens to reserve when the caller set no limit: few answers are longer, and the truth follows. */
const USUAL_OUTPUT_TOKENS = 4_096;

/** Tokens a request is charged before it is answered: what goes in, and the most it asks to come out. */
export function tokensAsked(inputTokens: number, maxTokens: number | undefined, choices: number): number {
  return inputTokens + (maxTokens ?? USUAL_OUTPUT_TOKENS) * choices;
}

/** What a request is charged, of everything that is limited for its caller. */
export function chargesFor(terms: CallerTerms, keyId: string, modelId: string, tokens: number): Charge[] {
  const { requestsPerMinute, tokensPerMinute } = terms.limits;
  const charges: Charge[] = [];
  const charge = (counter: string, amount: number, limit: number | undefined) => {
    if (limit !== undefined) charges.push({ counter, amount, limit });
  };
  charge(REQUESTS, 1, requestsPerMinute);
  charge(TOKENS, tokens, tokensPerMinute);
  charge(`k:${keyId}`, 1, terms.keyRequestsPerMinute);
  const forModel = modelCharge(terms, modelId);
  return forModel ? [...charges, forModel] : charges;
}

/** What one call of a model is charged, if its caller has a limit for it. */
export function modelCharge({ limits }: CallerTerms, modelId: string): Charge | undefined {
  const byModel = limits.modelRequestsPerMinute ?? {};
  const limit = Object.hasOwn(byModel, modelId) ? byModel[modelId] : undefined;
  return limit === undefined ? undefined : { counter: `m:${modelId}`, amount: 1, limit };
}

/** Where the limits stand, in OpenAI's response headers: of several request limits, the one that is nearest. */
export function rateLimitHeaders(standings: readonly Standing[], nowMs: number): Record<string, string> {
  const requests = standings.filter(({ counter }) => counter !== TOKENS).sort((a, b) => a.remaining - b.remaining)[0];
  const tokens = standings.find(({ counter }) => counter === TOKENS);
  return { ...standingHeaders('requests', requests, nowMs), ...standingHeaders('tokens', tokens, nowMs) };
}

function standingHeaders(kind: string, standing: Standing | undefined, nowMs: number): Record<string, string> {
  if (!standing) return {};
  return {
    [`x-ratelimit-limit-${kind}`]: String(standing.limit),
    [`x-ratelimit-remaining-${kind}`]: String(standing.remaining),
    [`x-ratelimit-reset-${kind}`]: durationText(standing.resetAtMs - nowMs),
  };
}

/** A duration as OpenAI writes it: `1m2s`, `850ms`. */
function durationText(milliseconds: number): string {
  if (milliseconds <= 0) return '0s';
  if (milliseconds < 1_000) return `${Math.ceil(milliseconds)}ms`;
  const seconds = Math.ceil(milliseconds / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
