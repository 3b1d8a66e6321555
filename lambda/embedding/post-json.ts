import { isJsonObject, type JsonObject } from '../core/json-body.ts';
import type { Upstream, UpstreamRequest } from '../ports.ts';
import { readBody } from '../providers/read-body.ts';

/** A vector of 4,096 numbers as JSON has some 90 KB. */
const MAXIMUM_BYTES = 1_000_000;

/** Posts a request and reads the JSON object it is answered with. Throws for any status but 200, and for anything else. */
export async function postForJson(upstream: Upstream, request: UpstreamRequest): Promise<JsonObject> {
  const { status, body } = await upstream.post(request);
  const text = await readBody(body, MAXIMUM_BYTES);
  if (status !== 200) throw new Error(`The embedder answered with status ${status}.`);
  const parsed: unknown = JSON.parse(text);
  if (!isJsonObject(parsed)) throw new Error('The embedder answered with something that is no object.');
  return parsed;
}

/** The numbers of a list. Throws for anything that is no list of finite numbers. */
export function numbersOf(value: unknown): number[] {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => Number.isFinite(item))) return value;
  throw new Error('The embedder answered without a vector.');
}
