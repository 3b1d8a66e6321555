import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { errorBody, GatewayError } from '../lambda/core/errors.ts';
import { type BufferedHandler, JSON_TYPE, type StreamingHandler } from '../lambda/http.ts';
import { FUNCTIONS, type FunctionName } from '../lambda/routes.ts';
import { invocationContext, proxyEvent } from './proxy-event.ts';
import { findRoute } from './router.ts';

/** The handlers by function, made by the caller from the same factories that the deployed functions use. */
export type Handlers = {
  [Name in FunctionName]: (typeof FUNCTIONS)[Name]['streams'] extends true ? StreamingHandler : BufferedHandler;
};

type StreamingName = {
  [Name in FunctionName]: (typeof FUNCTIONS)[Name]['streams'] extends true ? Name : never;
}[FunctionName];

/** API Gateway's own limit on all request headers together (quotas page), so that what works here works there. */
const MAXIMUM_HEADER_BYTES = 10_240;

/** The time Lambda would give a function: 15 minutes. */
const INVOCATION_TIMEOUT_MS = 900_000;

/** How long a client may take to send its request. */
const REQUEST_TIMEOUT_MS = 30_000;

/** How long a server that stops waits for the requests it has torn to be settled. */
const SETTLE_TIMEOUT_MS = 5_000;

export interface GatewayServer extends Server {
  /** Comes back when every request is settled, or after five seconds. */
  settled(): Promise<void>;
}

/** An HTTP server that does for the handlers what API Gateway and Lambda do: routes, limits, events, streaming. */
export function gatewayServer(handlers: Handlers, maximumBodyBytes: number): GatewayServer {
  const running = new Set<Promise<void>>();
  const answering = new WeakSet<Socket>();
  const options = {
    maxHeaderSize: MAXIMUM_HEADER_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 65_000,
    requireHostHeader: false,
  };
  const server = createServer(options, (request, response) => {
    const { socket } = request;
    answering.add(socket);
    const run = serve(handlers, maximumBodyBytes, request, response)
      .catch((thrown: unknown) => refuse(response, thrown))
      .finally(() => {
        answering.delete(socket);
        running.delete(run);
      });
    running.add(run);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // What cannot be read behind a request that is being answered must not be answered into its answer.
    if (answering.has(socket)) socket.destroy();
    else answerUnreadable(error, socket);
  });
  return Object.assign(server, {
    async settled() {
      await Promise.race([Promise.all(running), pause(SETTLE_TIMEOUT_MS, undefined, { ref: false })]);
    },
  });
}

async function serve(
  handlers: Handlers,
  maximumBodyBytes: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [pathname = '/', query] = (request.url ?? '/').split('?', 2);
  const { route, pathParameters } = findRoute(request.method ?? 'GET', pathname);
  const name = route.function;
  const body = await readRequest(request, maximumBodyBytes);
  const event = proxyEvent(request, {
    resource: route.path,
    path: pathname,
    pathParameters,
    query: new URLSearchParams(query),
    body,
  });
  const caller = new AbortController();
  const context = invocationContext(name, INVOCATION_TIMEOUT_MS, caller.signal);
  const invocation = setTimeout(() => response.destroy(), INVOCATION_TIMEOUT_MS);
  response.once('close', () => {
    clearTimeout(invocation);
    if (!response.writableFinished) caller.abort();
  });
  if (isStreaming(name)) {
    await handlers[name](event, response, context);
    return;
  }
  const answer = await handlers[name](event, context);
  response.writeHead(answer.statusCode, answer.headers).end(answer.body);
}

function isStreaming(name: FunctionName): name is StreamingName {
  return FUNCTIONS[name].streams;
}

async function readRequest(request: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const tooLarge = () =>
    new GatewayError('request_too_large', `The body has more than ${maximumBytes} bytes. Shorten it.`);
  if (Number(request.headers['content-length'] ?? 0) > maximumBytes) throw tooLarge();
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maximumBytes) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Answers what never reached a handler, or a handler that could not answer; a caller who has gone is left alone. */
function refuse(response: ServerResponse, thrown: unknown): void {
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const error =
    thrown instanceof GatewayError ? thrown : new GatewayError('internal_error', 'The gateway failed. Try again.');
  response.writeHead(error.status, {
    'content-type': JSON_TYPE,
    'x-headgate-request-id': randomUUID(),
    // Whatever of the body is still on its way is not worth reading.
    connection: 'close',
  });
  response.end(JSON.stringify(errorBody(error)));
}

/** A request that Node's parser refuses has no response object: the answer is written to the socket. */
function answerUnreadable(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const error =
    cause.code === 'HPE_HEADER_OVERFLOW'
      ? new GatewayError('headers_too_large', `The headers have more than ${MAXIMUM_HEADER_BYTES} bytes. Shorten them.`)
      : new GatewayError('invalid_request', 'The request is no valid HTTP/1.1, or it took too long to arrive.');
  const body = JSON.stringify(errorBody(error));
  const reason = error.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request';
  socket.end(
    `HTTP/1.1 ${error.status} ${reason}\r\ncontent-type: ${JSON_TYPE}\r\nx-headgate-request-id: ${randomUUID()}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
