import type { MiddlewareObj } from '@middy/core';
import type { Call, CallContext } from '../call.ts';
import type { Step } from '../core/chain.ts';
import { choicesOf, maxTokensOf } from '../core/chat-request.ts';
import type { Configuration } from '../core/configuration.ts';
import { emergencyLimit } from '../core/emergency-limit.ts';
import { GatewayError, invalidRequest } from '../core/errors.ts';
import { estimateInputTokens } from '../core/estimate-tokens.ts';
import { ProviderFailure } from '../core/provider-failure.ts';
import { chargesFor, modelCharge, TOKENS, tokensAsked } from '../core/rate-charges.ts';
import type { Charge } from '../core/rate-window.ts';
import type { HttpResponse } from '../http.ts';
import type { Admission, Budgets, Clock, RateLimits } from '../ports.ts';

const UNLIMITED: Admission = { allowed: true, standings: [], epochs: {} };

/** What limits are charged with. */
export interface Limiter {
  rateLimits: RateLimits;
  budgets: Pick<Budgets, 'prepare'>;
  configuration: Configuration;
  clock: Clock;
}

/**
 * Charges the request to the limits a minute of its account, key and model: all of them, or none and a 429. `meanwhile` begins
 * what need not wait for the verdict; what is refused for certain begins nothing.
 */
export function rateLimit(
  limiter: Limiter,
  meanwhile: (call: Call) => void = () => {},
): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  const { rateLimits: mode } = limiter.configuration.withoutStore;
  const emergency = mode === 'closed' ? undefined : emergencyLimit(mode.requestsPerMinute);

  return {
    async before({ context: { call } }) {
      const { caller, chat, plan } = call;
      if (!caller || !chat) throw new Error('planModels must run before rateLimit');
      const { request } = chat;
      const tokens = tokensAsked(estimateInputTokens(request.body), maxTokensOf(request), choicesOf(request));
      const mostTokens = caller.terms.limits.tokensPerMinute ?? Number.POSITIVE_INFINITY;
      if (tokens > mostTokens) call.refusal ??= neverFits(tokens, mostTokens);
      // What is refused all the same counts as a request, and for no model and no tokens.
      const modelId = plan?.steps[0].modelId ?? '';
      const charges = chargesFor(caller.terms, caller.keyId, modelId, call.refusal ? 0 : tokens);
      if (!isLost(limiter, call, caller.account, charges)) meanwhile(call);
      // A failed look ahead fails again where it counts.
      const prepared = limiter.budgets.prepare(caller).catch(() => {});
      const admission = await admit(limiter, caller.account, charges, () =>
        emergency?.admit(caller.account, limiter.clock()),
      );
      await prepared;
      call.standings = admission.standings;
      if (!admission.allowed) throw refusal(admission, limiter.clock());
      const { epochs } = admission;
      call.charged = charges
        .filter(({ counter }) => counter in epochs)
        .map(({ counter, amount }) => ({ counter, amount, epoch: epochs[counter] ?? 0 }));
      if (call.refusal) throw call.refusal;
    },
  };
}

/** True for a request that is refused for certain. */
function isLost({ rateLimits }: Limiter, { refusal }: Call, account: string, charges: readonly Charge[]): boolean {
  return refusal !== undefined || (charges.length > 0 && rateLimits.isRefusing(account, charges));
}

/** A fallback counts for its own model's limit, which the request has not been charged for. Throws when that is used up. */
export async function chargeFallback(limiter: Limiter, call: Call, { modelId }: Step): Promise<void> {
  const { caller } = call;
  const charge = caller && modelCharge(caller.terms, modelId);
  if (!charge) return;
  // Where requests may pass without the store, this one has been let through once.
  const isOpen = limiter.configuration.withoutStore.rateLimits !== 'closed';
  const admission = await admit(limiter, caller.account, [charge], () => isOpen);
  if (!admission.allowed) throw new ProviderFailure('model', refusal(admission, limiter.clock()));
}

/** What the store decides; while it does not answer, what may pass without it, and a 503 for the rest. */
async function admit(
  { rateLimits }: Limiter,
  account: string,
  charges: readonly Charge[],
  mayPassWithoutStore: () => boolean | undefined,
): Promise<Admission> {
  if (charges.length === 0) return UNLIMITED;
  try {
    return await rateLimits.admit(account, charges);
  } catch (cause) {
    if (mayPassWithoutStore()) return UNLIMITED;
    const message = 'The limits could not be checked, because the store does not answer. Try again.';
    throw new GatewayError('store_unavailable', message, { cause, retryAfterSeconds: 1 });
  }
}

/** Waiting does not help a request that is larger than a whole minute's tokens. */
function neverFits(tokens: number, most: number): GatewayError {
  const message =
    `The request asks for up to ${tokens} tokens, and the account may use ${most} a minute. ` +
    'Set a lower max_tokens, or shorten the conversation.';
  return invalidRequest('max_tokens', message);
}

function refusal(admission: Admission & { allowed: false }, nowMs: number): GatewayError {
  const retryAfterSeconds = Math.max(1, Math.ceil((admission.retryAtMs - nowMs) / 1_000));
  if (admission.reason === 'locked_out') {
    const until = new Date(admission.retryAtMs).toISOString();
    const message = `This account is locked out until ${until}, because it kept calling while it was refused. Wait for Retry-After.`;
    return new GatewayError('locked_out', message, { retryAfterSeconds });
  }
  const message = `${limitName(admission.refusedBy)} a minute are used up. Wait ${retryAfterSeconds} s, or ask for a higher tier.`;
  return new GatewayError('rate_limit_exceeded', message, { retryAfterSeconds });
}

function limitName(counter: string): string {
  if (counter === TOKENS) return "The account's tokens";
  if (counter.startsWith('k:')) return "The key's requests";
  if (counter.startsWith('m:')) return "The account's requests to this model";
  return "The account's requests";
}
