/**
 * The public errors of the gateway: one closed table of codes, one class.
 * Types and the codes `invalid_api_key`, `model_not_found` and `rate_limit_exceeded` are OpenAI's own
 * (platform.openai.com/docs/guides/error-codes), so that its clients raise the classes their users catch.
 */
const ERRORS = {
  invalid_json: { status: 400, type: 'invalid_request_error' },
  invalid_request: { status: 400, type: 'invalid_request_error' },
  price_ceiling: { status: 400, type: 'invalid_request_error' },
  invalid_api_key: { status: 401, type: 'authentication_error' },
  budget_exhausted: { status: 402, type: 'insufficient_quota' },
  forbidden: { status: 403, type: 'permission_error' },
  model_not_allowed: { status: 403, type: 'permission_error' },
  model_not_found: { status: 404, type: 'invalid_request_error' },
  not_found: { status: 404, type: 'invalid_request_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  request_too_large: { status: 413, type: 'invalid_request_error' },
  headers_too_large: { status: 431, type: 'invalid_request_error' },
  client_closed: { status: 499, type: 'invalid_request_error' },
  provider_rejected: { status: 400, type: 'invalid_request_error' },
  provider_key_refused: { status: 424, type: 'api_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  locked_out: { status: 429, type: 'rate_limit_error' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error' },
  internal_error: { status: 500, type: 'api_error' },
  provider_failed: { status: 502, type: 'api_error' },
  provider_invalid_answer: { status: 502, type: 'api_error' },
  provider_overloaded: { status: 503, type: 'api_error' },
  store_unavailable: { status: 503, type: 'api_error' },
  loop_detected: { status: 508, type: 'invalid_request_error' },
  provider_timeout: { status: 504, type: 'api_error' },
  deadline_exceeded: { status: 504, type: 'api_error' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorBody {
  error: { message: string; type: string; code: string; param: string | null };
}

interface ErrorOptions {
  /** The field of the request that is to blame, by name. */
  param?: string;
  /** Overrides the table's status, for errors that carry a provider's own. */
  status?: number;
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An error a caller may see. Its message says what to do and holds nothing of the request but field names. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = options.status ?? ERRORS[code].status;
    this.param = options.param;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The OpenAI-shaped body of an error, the same object in a JSON answer and inside a stream. */
export function errorBody(error: GatewayError): ErrorBody {
  const { type } = ERRORS[error.code];
  return { error: { message: error.message, type, code: error.code, param: error.param ?? null } };
}

/** Anything thrown becomes an error a caller may see: what is not ours says nothing about itself. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError(
    'internal_error',
    'The gateway failed. Try again; if it persists, give the operator the x-headgate-request-id.',
    { cause: thrown },
  );
}

/** A 400 that names the field. */
export function invalidRequest(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}
