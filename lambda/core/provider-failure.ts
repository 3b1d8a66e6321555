import { GatewayError, toGatewayError } from './errors.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';

/**
 * Whose fault a failed attempt is, which decides what may follow it:
 * - `transient`: the provider may do better in a moment;
 * - `model`: this model cannot, another may;
 * - `key`: this provider does not take our key or our money, another may;
 * - `caller`: nobody could answer this request;
 * - `stopped`: our deadline or the caller ended it; nothing follows.
 */
export type FailureClass = 'transient' | 'model' | 'key' | 'caller' | 'stopped';

/** An attempt that gave no answer. `error` is what the caller sees when nothing better follows. */
export class ProviderFailure extends Error {
  readonly failureClass: FailureClass;
  readonly error: GatewayError;
  /** The provider's own code where it is one that we act on, such as `context_length_exceeded`. */
  readonly reason: string | undefined;
  /** How long the provider asks to be left alone. The caller hears of it as long as that is believable. */
  readonly retryAfterSeconds: number | undefined;
  /** False when no provider was called: such a failure never stands for what a call said. */
  readonly isCalled: boolean;

  constructor(
    failureClass: FailureClass,
    error: GatewayError,
    options: { cause?: unknown; reason?: string; retryAfterSeconds?: number | undefined; isCalled?: false } = {},
  ) {
    super(error.code, { cause: options.cause });
    this.name = 'ProviderFailure';
    this.failureClass = failureClass;
    this.error = error;
    this.reason = options.reason;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.isCalled = options.isCalled ?? true;
  }
}

/** A provider's answer other than 200, as far as the verdict needs it. */
export interface RefusedAnswer {
  status: number;
  /** The parsed body, or undefined when it was no JSON. Never shown as it is. */
  body: unknown;
  retryAfterSeconds: number | undefined;
  /** Strings that must not leave the gateway, such as the provider key. */
  secrets: readonly string[];
}

const TRANSIENT_STATUSES = new Set([408, 409, 425, 429]);
const KEY_STATUSES = new Set([401, 402, 403]);

/** Statuses that say the same when we answer with them; others, such as 407, mean the one who sends them. */
const CALLER_STATUSES = new Set([400, 404, 413, 415, 422]);

/** OpenAI's `error.code`s, and others' words, for "this model cannot take this request". */
const MODEL_CODES = new Set([
  'context_length_exceeded',
  'model_not_found',
  'unsupported_parameter',
  'unsupported_value',
  'content_filter',
]);

/** Codes for an account with the provider that has no money left, which no waiting mends. They come with 400 and 429. */
const NO_CREDIT_CODES = ['insufficient_quota', 'billing_hard_limit_reached'];

/** Codes for a refused key or account, which some providers answer with a status for the caller's mistakes. */
const KEY_CODES = new Set(['invalid_api_key', ...NO_CREDIT_CODES]);

/** The verdict on an answer whose status is not 200. */
export function failureFromAnswer(answer: RefusedAnswer): ProviderFailure {
  const { status, retryAfterSeconds } = answer;
  if (status === 429 && NO_CREDIT_CODES.includes(codeOf(answer.body))) {
    const message = "The gateway's own account with the provider has no credit left. The operator must fill it.";
    return new ProviderFailure('key', new GatewayError('provider_key_refused', message));
  }
  if (status === 429) {
    return transient('rate_limit_exceeded', 'The provider is rate limiting. Wait, or name fallbacks.', {
      retryAfterSeconds,
    });
  }
  if (status === 408 || status === 504) {
    return transient('provider_timeout', 'The provider timed out. Try again.', { retryAfterSeconds });
  }
  if (status === 503 || status === 529) {
    return transient('provider_overloaded', 'The provider is overloaded. Try again later.', { retryAfterSeconds });
  }
  if (status >= 500 || TRANSIENT_STATUSES.has(status)) {
    return transient('provider_failed', `The provider failed with status ${status}. Try again.`, { retryAfterSeconds });
  }
  const code = codeOf(answer.body);
  const isAboutKey = KEY_STATUSES.has(status) && !(status === 403 && code === 'content_filter');
  if (isAboutKey || (status >= 400 && KEY_CODES.has(code))) {
    const message = `The provider refused the gateway's own key with status ${status}. The operator must replace it.`;
    return new ProviderFailure('key', new GatewayError('provider_key_refused', message));
  }
  if (status >= 400) return callerFailure(answer);
  return transient('provider_failed', `The provider answered with status ${status} instead of an answer.`, {});
}

/** Longer waits are a provider's mistake and not worth repeating to a caller. */
const BELIEVABLE_WAIT_SECONDS = 3_600;

function transient(
  code: 'rate_limit_exceeded' | 'provider_timeout' | 'provider_overloaded' | 'provider_failed',
  message: string,
  options: { retryAfterSeconds?: number | undefined },
): ProviderFailure {
  const { retryAfterSeconds } = options;
  const isBelievable = retryAfterSeconds !== undefined && retryAfterSeconds <= BELIEVABLE_WAIT_SECONDS;
  const error = new GatewayError(code, message, isBelievable ? { retryAfterSeconds } : {});
  return new ProviderFailure('transient', error, { retryAfterSeconds });
}

function codeOf(body: unknown): string {
  const { code } = errorIn(body);
  return typeof code === 'string' ? code : '';
}

/** The provider says what is wrong with the request; its own words help the caller, once they are known to be clean. */
function callerFailure({ status, body, secrets }: RefusedAnswer): ProviderFailure {
  const detail = errorIn(body);
  const said = typeof detail.message === 'string' ? withoutSecrets(detail.message, secrets) : undefined;
  const message = said
    ? `The provider refused the request: ${said}`
    : `The provider refused the request with status ${status}. Check the model's limits and the fields you send.`;
  const { param } = detail;
  const isClean =
    typeof param === 'string' && /^[\w.[\]]{1,100}$/.test(param) && withoutSecrets(param, secrets) === param;
  const options = isClean ? { param } : {};
  const shown = CALLER_STATUSES.has(status) ? status : 400;
  const error = new GatewayError('provider_rejected', message, { ...options, status: shown });
  const code = codeOf(body);
  const isAboutModel = status === 404 || MODEL_CODES.has(code);
  if (!isAboutModel) return new ProviderFailure('caller', error);
  return new ProviderFailure('model', error, MODEL_CODES.has(code) ? { reason: code } : {});
}

function errorIn(body: unknown): JsonObject {
  return isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
}

const MAXIMUM_MESSAGE_LENGTH = 500;

/** What keys and organisations look like with the providers there are: their prefix, then at least 16 characters. */
const KEY_PATTERN =
  /\b(?:(?:sk|pk|rk|gsk|csk|xai|pplx|org|proj|hg|tgp|fw|nvapi|hf|r8)[-_]|AIza|Bearer\s+)[\w*.-]{16,}/gi;

function withoutSecrets(message: string, secrets: readonly string[]): string {
  let clean = message;
  for (const secret of secrets) {
    if (secret !== '') clean = clean.replaceAll(secret, '[removed]');
  }
  return clean.replace(KEY_PATTERN, '[removed]').slice(0, MAXIMUM_MESSAGE_LENGTH);
}

/** An answer with status 200 that is not one: wrong type, wrong shape, cut, too large. */
export function invalidAnswer(why: string, cause?: unknown): ProviderFailure {
  const error = new GatewayError('provider_invalid_answer', `The provider's answer was not usable: ${why}. Try again.`);
  return new ProviderFailure('transient', error, { cause });
}

/** The reason of an answer that is given up for its size: the same model would only send as much again. */
export const TOO_LARGE = 'too_large';

/** An answer, or a part of one, that is larger than any good one. */
export function oversizedAnswer(what: string, cause?: unknown): ProviderFailure {
  const { error } = invalidAnswer(`${what} is too large`);
  return new ProviderFailure('transient', error, { cause, reason: TOO_LARGE });
}

/** The connection to the provider could not be made or broke. */
export function connectionFailure(cause: unknown): ProviderFailure {
  const error = new GatewayError('provider_failed', 'The connection to the provider broke. Try again.');
  return new ProviderFailure('transient', error, { cause });
}

/** A mistake of our own in the middle of an answer. */
export function internalFailure(cause: unknown): ProviderFailure {
  return new ProviderFailure('stopped', toGatewayError(cause), { cause });
}

/** The provider stayed silent for longer than it may. */
export function silentProvider(): ProviderFailure {
  const error = new GatewayError('provider_timeout', 'The provider stopped answering. Try again, or name fallbacks.');
  return new ProviderFailure('transient', error, { reason: SILENT });
}

/** The reason of an answer that we gave up waiting for. */
export const SILENT = 'silent';

/** The reason of an answer that was on its way, and would have taken longer than there was time. */
export const OVERDUE = 'overdue';

/** The answer took longer than there was time for, although the provider was not silent. */
export function overdueAnswer(): ProviderFailure {
  const error = new GatewayError(
    'provider_timeout',
    'The answer took too long. Ask for less, or set a longer timeout.',
  );
  return new ProviderFailure('transient', error, { reason: OVERDUE });
}

/** The request's own deadline passed. */
export function deadlinePassed(): ProviderFailure {
  const message =
    'The deadline passed before the answer was complete. Set x-headgate-timeout-ms higher, or ask for less.';
  return new ProviderFailure('stopped', new GatewayError('deadline_exceeded', message));
}

/** True when we gave up on a provider that was at work: it may bill what it has read. */
export function isGivenUp({ failureClass, reason }: Pick<ProviderFailure, 'failureClass' | 'reason'>): boolean {
  return failureClass === 'stopped' || reason === SILENT || reason === OVERDUE;
}

/** The caller hung up. */
export function clientClosed(): ProviderFailure {
  return new ProviderFailure(
    'stopped',
    new GatewayError('client_closed', 'The caller hung up before the answer was complete.'),
  );
}
