import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

/** The operation of a call to DynamoDB: `UpdateItem`. */
export function operationOf({ headers }: IncomingMessage): string | undefined {
  return String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
}

/** Passes a call on to a DynamoDB. What it answers goes back, unless `swallow` is given: then that is called once all of it is there. */
export function passOn(
  target: string,
  [request, response]: [IncomingMessage, ServerResponse],
  body: Buffer | string,
  swallow?: () => void,
): void {
  const passed = httpRequest(target, { method: request.method, headers: request.headers }, (answer) => {
    if (swallow) {
      answer.resume().once('end', swallow);
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => response.destroy());
  passed.end(body);
}
