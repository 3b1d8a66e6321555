import type { Readable, Writable } from 'node:stream';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { PlatformContext } from './call.ts';

/** What a handler answers: API Gateway's proxy format, with a stream as body where the function streams. */
export interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string | Readable;
}

/** A handler behind a STREAM integration. It writes to the response stream itself. */
export type StreamingHandler = (
  event: APIGatewayProxyEvent,
  response: Writable,
  context: PlatformContext,
) => Promise<void>;

/** A handler behind an ordinary integration. */
export type BufferedHandler = (event: APIGatewayProxyEvent, context: PlatformContext) => Promise<HttpResponse>;

export const JSON_TYPE = 'application/json; charset=utf-8';

/** The request's headers with lower-case names: API Gateway keeps them as the client spelt them. */
export function lowerCaseHeaders(event: Pick<APIGatewayProxyEvent, 'headers'>): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(event.headers ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}
