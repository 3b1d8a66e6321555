import type { ServerResponse } from 'node:http';

/**
 * The part of Lambda's Node runtime that streaming handlers use (AWS Lambda guide, "Response streaming for Lambda
 * functions"), over a plain HTTP response: what the handler calls metadata becomes status and headers.
 */
const awslambda = {
  streamifyResponse: <Handler>(handler: Handler): Handler => handler,
  HttpResponseStream: {
    from(response: ServerResponse, { statusCode, headers }: { statusCode: number; headers: Record<string, string> }) {
      return response.writeHead(statusCode, headers);
    },
  },
};

/** Makes streaming handlers work in this process. Call it before the first one is made: Middy looks when it is. */
export function provideLambdaStreaming(): void {
  Object.assign(globalThis, { awslambda });
}
