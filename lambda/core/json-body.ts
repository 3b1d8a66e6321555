import { GatewayError } from './errors.ts';

export type JsonObject = Record<string, unknown>;

/** Nesting a body may have. Real requests stay under 20; deeper ones only cost stack. */
const MAXIMUM_DEPTH = 64;

/** True for a JSON object, false for arrays, null and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body as an object; throws `invalid_json` or `invalid_request` for anything else. */
export function parseJsonBody(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GatewayError('invalid_json', 'The body is not valid JSON. Send one JSON object, encoded as UTF-8.');
  }
  if (!isJsonObject(value)) {
    throw new GatewayError('invalid_json', 'The body must be a JSON object, such as {"model": …, "messages": […]}.');
  }
  if (isDeeperThan(value, MAXIMUM_DEPTH)) {
    throw new GatewayError('invalid_request', `The body is nested deeper than ${MAXIMUM_DEPTH} levels. Flatten it.`);
  }
  return value;
}

/** True when a value is nested deeper than so many levels. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const child of Object.values(value)) {
    if (isDeeperThan(child, levels - 1)) return true;
  }
  return false;
}
