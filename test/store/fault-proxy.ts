import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen, stop } from '../../local/listen.ts';
import { operationOf, passOn } from './pass-on.ts';

/** What a proxy in front of DynamoDB does to a call. */
export type Fault = 'none' | 'throttle' | 'fail' | 'black hole' | 'lose the answer';

export interface FaultProxy {
  endpoint: string;
  /** Applies to the calls of one operation, `UpdateItem` for example, or to all; `times` limits how many it hits. */
  set(fault: Fault, operation?: string, times?: number): void;
  close(): Promise<void>;
}

/** A proxy that passes calls on to a DynamoDB, and fails them as it is told. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let current: { fault: Fault; operation: string | undefined; left: number } = {
    fault: 'none',
    operation: undefined,
    left: 0,
  };

  function faultFor(request: IncomingMessage): Fault {
    const operation = operationOf(request);
    if (current.left <= 0 || (current.operation !== undefined && current.operation !== operation)) return 'none';
    current.left -= 1;
    return current.fault;
  }

  function refuse(response: ServerResponse, status: number, type: string): void {
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: type, message: type }));
  }

  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const fault = faultFor(request);
    if (fault === 'black hole') return;
    if (fault === 'throttle')
      return refuse(response, 400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException');
    if (fault === 'fail') return refuse(response, 500, 'com.amazonaws.dynamodb.v20120810#InternalServerError');
    passOn(target, [request, response], body, fault === 'lose the answer' ? () => response.destroy() : undefined);
  });
  return {
    endpoint: await listen(server, 0),
    set(fault, operation, times = Number.POSITIVE_INFINITY) {
      current = { fault, operation, left: times };
    },
    close: () => stop(server),
  };
}
