import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';

interface Metadata {
  statusCode: number;
  headers: Record<string, string>;
}

/**
 * The part of Lambda's Node runtime that streaming handlers use (AWS Lambda guide, "Response streaming for Lambda
 * functions"), over a plain HTTP response: what the handler calls metadata becomes status and headers. A caller who has
 * gone does not stop a handler, there or here; what it still writes is dropped, or fails.
 */
const awslambda = {
  streamifyResponse: <Handler>(handler: Handler): Handler => handler,
  HttpResponseStream: {
    from(response: ServerResponse, { statusCode, headers }: Metadata): Writable {
      if (response.destroyed) return new Writable({ write: (_chunk, _encoding, done) => done() });
      response.once('close', () => {
        if (!response.writableFinished) response.emit('error', new Error('The caller has gone.'));
      });
      return response.writeHead(statusCode, headers);
    },
  },
};

/** Makes streaming handlers work in this process. Call it before the first one is made: Middy looks when it is. */
export function provideLambdaStreaming(): void {
  Object.assign(globalThis, { awslambda });
}
