import { isJsonObject } from '../core/json-body.ts';
import { type FunctionName, ROUTES } from '../routes.ts';

/** The functions a release checks: those behind routes, and those that others call. */
export type CheckedFunction = FunctionName | 'attempt' | 'webhook' | 'embed';

/** What a new version is sent, and whether what it answered shows that it works. */
export interface ReleaseCheck {
  event: object;
  /** Of the text an invocation answered with. */
  isGood(payload: string): boolean;
}

/** In the shape of a key, and none. */
const NOBODYS_KEY = 'hg_release-check-0000000000000000000000000000';

/**
 * A request with a key that nobody has. The right refusal shows that a version starts with the environment and the role it
 * has, parses, reaches the table of keys and answers in our shape, and costs nobody anything; without the table it is a 503.
 */
const REFUSED = { statusCode: 401, code: 'invalid_api_key' };

const SPECIAL: Partial<Record<CheckedFunction, ReleaseCheck>> = {
  // Looks at its table and its state machine by itself.
  health: { event: requestTo('health'), isGood: (payload) => parsed(payload)?.statusCode === 200 },
  // Reads its secret, and refuses what Stripe has not signed.
  billing: { event: requestTo('billing'), isGood: refusesWith({ statusCode: 400, code: 'invalid_request' }) },
  embed: {
    event: { text: 'Does the encoder work?' },
    isGood: (payload) => typeof objectIn(payload)?.vector === 'string',
  },
  attempt: { event: { isReleaseCheck: true }, isGood: (payload) => objectIn(payload)?.isReady === true },
  webhook: { event: { isReleaseCheck: true }, isGood: (payload) => objectIn(payload)?.isReady === true },
};

/** The check of a function. */
export function releaseCheckOf(name: CheckedFunction): ReleaseCheck {
  return SPECIAL[name] ?? { event: requestTo(name as FunctionName), isGood: refusesWith(REFUSED) };
}

/** API Gateway's event for a plain request to the function's first route. */
function requestTo(name: FunctionName): object {
  const route = ROUTES.find((candidate) => candidate.function === name);
  const path = route?.path.replace(/\{\w+\}/g, 'release-check');
  const body = name === 'chat' ? { messages: [{ role: 'user', content: 'Release check' }] } : {};
  return {
    httpMethod: route?.method,
    resource: route?.path,
    path,
    headers: { Authorization: `Bearer ${NOBODYS_KEY}`, 'Content-Type': 'application/json' },
    queryStringParameters: null,
    pathParameters: null,
    body: route?.method === 'GET' ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { requestId: 'release-check' },
  };
}

function refusesWith({ statusCode, code }: typeof REFUSED): ReleaseCheck['isGood'] {
  return (payload) => {
    const answer = parsed(payload);
    const error = answer && objectIn(answer.body)?.error;
    return answer?.statusCode === statusCode && isJsonObject(error) && error.code === code;
  };
}

/** What lies between the metadata and the body of a streamed answer that is fetched whole (Lambda guide, "response streaming"). */
const DELIMITER = '\0'.repeat(8);

/** An answer in API Gateway's proxy format, or as a streaming function gives it. */
function parsed(payload: string): { statusCode: unknown; body: string } | undefined {
  const [head = '', ...rest] = payload.split(DELIMITER);
  const answer = objectIn(head);
  if (!answer) return undefined;
  return { statusCode: answer.statusCode, body: rest.length > 0 ? rest.join(DELIMITER) : String(answer.body) };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
