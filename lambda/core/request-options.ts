import type { CacheWish, RequestOptions } from './chat-request.ts';
import { GatewayError, invalidRequest } from './errors.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Tells the next gateway how many there were before it. */
export const HOPS_HEADER = 'x-headgate-hops';

/** A gateway behind a gateway makes sense; a longer chain is a loop. */
const MAXIMUM_HOPS = 3;

const MAXIMUM_FALLBACKS = 10;
const MAXIMUM_TAGS = 10;
const MAXIMUM_NAME_LENGTH = 256;

/** A tag, and each model in a list of fallbacks: printable, without spaces or commas. */
const NAME = /^[\w.:/@+-]+$/;

const CACHE_CHOICE = /^(off|exact|semantic|ttl=\d{1,7})$/;

/** Reads the `x-headgate-*` request headers (lower-cased); throws a 400 naming the header that makes no sense. */
export function optionsFromHeaders(headers: Headers): RequestOptions {
  const options: RequestOptions = { hops: hopsIn(headers) };
  const timeout = headers['x-headgate-timeout-ms'];
  if (timeout !== undefined) {
    if (!/^\d{1,9}$/.test(timeout) || Number(timeout) === 0) {
      throw invalidRequest(
        'x-headgate-timeout-ms',
        'x-headgate-timeout-ms must be a whole number of milliseconds above 0.',
      );
    }
    options.timeoutMs = Number(timeout);
  }
  options.cache = cacheWish(headers['x-headgate-cache'], headers['cache-control']);
  const stream = headers['x-headgate-stream'];
  if (stream !== undefined && stream !== 'live' && stream !== 'held') {
    throw invalidRequest('x-headgate-stream', 'x-headgate-stream must be live or held.');
  }
  if (stream === 'held') options.isHeld = true;
  if (!mayBeShadowed(headers['x-headgate-shadow'])) options.isShadowed = false;
  const user = userIn(headers['x-headgate-user']);
  if (user !== undefined) options.user = user;
  const fallbacks = namesIn(headers, 'x-headgate-fallbacks', MAXIMUM_FALLBACKS);
  if (fallbacks) options.fallbacks = fallbacks;
  const ceiling = priceCeilingIn(headers);
  if (ceiling !== undefined) options.maxCostPer1MTokens = ceiling;
  const tags = namesIn(headers, 'x-headgate-tags', MAXIMUM_TAGS);
  if (tags) options.tags = tags;
  return options;
}

function userIn(user: string | undefined): string | undefined {
  if (user === undefined) return undefined;
  if (user.length === 0 || user.length > MAXIMUM_NAME_LENGTH) {
    throw invalidRequest('x-headgate-user', `x-headgate-user must have 1 to ${MAXIMUM_NAME_LENGTH} characters.`);
  }
  // HTTP does not say how others are written (RFC 9110, section 5.5): one name would be kept as two.
  if (/^[\x20-\x7e]+$/.test(user)) return user;
  throw invalidRequest('x-headgate-user', 'x-headgate-user must be ASCII. Give other names as "user" in the body.');
}

function mayBeShadowed(said: string | undefined): boolean {
  if (said !== undefined && said !== 'off') {
    throw invalidRequest('x-headgate-shadow', 'x-headgate-shadow can only be off.');
  }
  return said === undefined;
}

const PRICE_CEILING = 'x-headgate-max-cost-per-1m-tokens';

/** Dollars per million tokens that input and output price must both stay within. */
function priceCeilingIn(headers: Headers): number | undefined {
  const said = headers[PRICE_CEILING];
  if (said === undefined) return undefined;
  if (/^\d{1,7}(?:\.\d{1,6})?$/.test(said)) return Number(said);
  throw invalidRequest(PRICE_CEILING, `${PRICE_CEILING} must be a number of dollars, such as 3.0.`);
}

/** The caller's wish: `x-headgate-cache`, and of `cache-control` what RFC 9111 gives to requests. */
function cacheWish(choice: string | undefined, control = ''): CacheWish {
  if (choice !== undefined && !CACHE_CHOICE.test(choice)) {
    throw invalidRequest('x-headgate-cache', 'x-headgate-cache must be off, exact, semantic or ttl=<seconds>.');
  }
  const directives = control
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  const ttl = choice?.startsWith('ttl=') ? Number(choice.slice('ttl='.length)) : undefined;
  const age = directives.map((directive) => directive.match(/^max-age=(\d{1,9})$/)?.[1]).find((found) => found);
  const isOff = choice === 'off';
  return {
    mayRead: !isOff && !directives.includes('no-cache'),
    mayKeep: !isOff && ttl !== 0 && !directives.includes('no-store'),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...(choice === 'semantic' || choice === 'exact' ? { isSemantic: choice === 'semantic' } : {}),
    ...(age === undefined ? {} : { maximumAgeSeconds: Number(age) }),
  };
}

/** Counts this gateway in; throws when the request comes round in circles. */
function hopsIn(headers: Headers): number {
  const said = headers[HOPS_HEADER] ?? '0';
  if (!/^\d{1,3}$/.test(said)) throw invalidRequest(HOPS_HEADER, `${HOPS_HEADER} is set by gateways: leave it out.`);
  const hops = Number(said) + 1;
  if (hops <= MAXIMUM_HOPS) return hops;
  const message =
    'The request has come through this many gateways: one of them has a gateway as its provider. Check its base URL.';
  throw new GatewayError('loop_detected', message);
}

function namesIn(headers: Headers, header: string, maximum: number): string[] | undefined {
  const value = headers[header];
  if (value === undefined) return undefined;
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const fits = names.length <= maximum && names.every((name) => name.length <= MAXIMUM_NAME_LENGTH && NAME.test(name));
  if (!fits) {
    throw invalidRequest(
      header,
      `${header} must list at most ${maximum} names, separated by commas, without spaces in them.`,
    );
  }
  return names;
}
