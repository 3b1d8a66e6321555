import type { ServerResponse } from 'node:http';
import type { SimulatedFormat } from './format.ts';

/**
 * Ways in which the simulated provider can fail. A prompt asks for one with `simulate:<fault>`; with a number, it is the
 * status, or the number of pieces that still arrive: `simulate:status=429`, `simulate:cut=3`. `simulate:hang@gpt-4o` is for
 * one model by its provider's name, so that its fallbacks can be seen.
 */
export const FAULTS = {
  status: 'answers with this error status',
  hang: 'accepts the request and never answers',
  drip: 'sends its answer a byte at a time, ten a second',
  reset: 'drops the connection without an answer',
  html: 'answers 200 with a web page',
  redirect: 'sends the client elsewhere',
  oversize: 'answers 200 with 64 MB',
  empty: 'answers 200 with nothing',
  malformed: 'sends text that is not JSON',
  shape: 'sends JSON that is no answer',
  cut: 'drops the connection after some pieces',
  eof: 'ends its answer properly after some pieces, but before its end',
  stall: 'goes silent after some pieces',
  error: 'reports an error inside its stream after some pieces',
  nousage: 'leaves out the token usage',
  badusage: 'reports a usage that cannot be',
} as const;

export type FaultName = keyof typeof FAULTS;

export interface Fault {
  name: FaultName;
  count: number;
}

/** The fault a prompt asks for; `@<model>` behind it leaves every other model well. */
export function faultIn(prompt: string, model: unknown): Fault | undefined {
  const match = prompt.match(/\bsimulate:([a-z]+)(?:=(\d{1,4}))?(?:@([\w./-]*\w))?/);
  const [, name, count, only] = match ?? [];
  if (name === undefined || !Object.hasOwn(FAULTS, name)) return undefined;
  if (only !== undefined && only !== model) return undefined;
  return { name: name as FaultName, count: Number(count ?? (name === 'status' ? 503 : 3)) };
}

const MEGABYTE = 1_048_576;

/** Plays a fault that replaces the whole answer. False when this fault is one of those inside an answer. */
export function playWholeFault(
  fault: Fault,
  response: ServerResponse,
  stream: boolean,
  format: SimulatedFormat,
): boolean {
  const type = stream ? 'text/event-stream' : 'application/json';
  switch (fault.name) {
    case 'status': {
      const error = format.error(`Simulated error ${fault.count}.`, fault.count);
      const retryAfter = fault.count === 429 ? { 'retry-after': '2' } : {};
      response.writeHead(fault.count, { 'content-type': 'application/json', ...retryAfter }).end(JSON.stringify(error));
      return true;
    }
    case 'hang':
      return true;
    case 'drip':
      drip(response.writeHead(200, { 'content-type': type }), stream ? 'data: {"id":"drip"' : '{"id":"drip"');
      return true;
    case 'reset':
      response.socket?.resetAndDestroy();
      return true;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>It works!</body></html>');
      return true;
    case 'redirect':
      response.writeHead(307, { location: 'http://127.0.0.1:1/internal' }).end();
      return true;
    case 'oversize':
      flood(response.writeHead(200, { 'content-type': type }), 64);
      return true;
    case 'empty':
      response.writeHead(200, { 'content-type': type }).end();
      return true;
    case 'malformed':
      response.writeHead(200, { 'content-type': type }).end(stream ? format.malformed.stream : format.malformed.whole);
      return true;
    case 'shape':
      response
        .writeHead(200, { 'content-type': type })
        .end(stream ? 'data: {"hello":"world"}\n\n' : '{"hello":"world"}');
      return true;
    default:
      return false;
  }
}

function drip(response: ServerResponse, text: string): void {
  let sent = 0;
  const timer = setInterval(() => response.write(text[sent++] ?? ' '), 100);
  response.once('close', () => clearInterval(timer));
}

function flood(response: ServerResponse, megabytes: number): void {
  const piece = Buffer.alloc(MEGABYTE, 'x');
  let left = megabytes;
  const send = () => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(piece)) return;
    }
    response.end();
  };
  response.on('drain', send);
  send();
}
