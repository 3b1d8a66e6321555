import type { Readable, Writable } from 'node:stream';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { PlatformContext } from './call.ts';
import { GatewayError } from './core/errors.ts';

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

/** The body as text. API Gateway hands it over as it is, or as base64 when it is no text. */
export function bodyText(
  { body, isBase64Encoded }: Pick<APIGatewayProxyEvent, 'body' | 'isBase64Encoded'>,
  maximumBytes: number,
): string {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maximumBytes) {
    const message = `The body has more than ${maximumBytes} bytes. Shorten the conversation or shrink its attachments.`;
    throw new GatewayError('request_too_large', message);
  }
  if (!isBase64Encoded) return body ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new GatewayError('invalid_json', 'The body is not valid JSON. Send one JSON object, encoded as UTF-8.');
  }
}
