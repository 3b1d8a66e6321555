import { PassThrough, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { BufferedHandler, HttpResponse, StreamingHandler } from './http.ts';

type Metadata = Omit<HttpResponse, 'body'>;

/** Where the collected answer's metadata is kept until the handler has ended. */
const METADATA = Symbol('metadata');

/**
 * Makes a buffered handler of a streaming one. The streaming handler finds the functions of Lambda's streaming runtime
 * as always; here they collect. `make` is called once, after they are in place.
 */
export function bufferedAnswers(make: () => StreamingHandler): BufferedHandler {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: <Handler>(handler: Handler): Handler => handler,
      HttpResponseStream: {
        from(stream: Writable, metadata: Metadata): Writable {
          return Object.assign(stream, { [METADATA]: metadata });
        },
      },
    },
  });
  const handler = make();
  return async (event, context) => {
    const stream = new PassThrough() as PassThrough & { [METADATA]?: Metadata };
    const [body] = await Promise.all([text(stream), handler(event, stream, context)]);
    const { statusCode, headers } = stream[METADATA] ?? { statusCode: 500, headers: {} };
    return { statusCode, headers, body };
  };
}
