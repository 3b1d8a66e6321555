import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';
import { lastText, type SimulatedAnswer, simulateAnswer } from './answer.ts';
import { anthropicFormat } from './anthropic-format.ts';
import { type Fault, faultIn, playWholeFault } from './faults.ts';
import type { SimulatedFormat } from './format.ts';
import { openAiFormat } from './openai-format.ts';

/** How fast the simulated model is. */
export interface Pace {
  firstTokenMs: number;
  tokenMs: number;
}

/** About what a small hosted model does: a quarter of a second to think, then 60 tokens a second. */
export const BELIEVABLE_PACE: Pace = { firstTokenMs: 250, tokenMs: 16 };

/** The wire of each path a provider answers at, by the path's end. */
const FORMATS: readonly [pathEnd: string, format: SimulatedFormat][] = [
  ['/chat/completions', openAiFormat],
  ['/messages', anthropicFormat],
];

/** A provider that speaks the wire its path asks for, takes any key, and fails on request. */
export function simulatedProvider(pace: Pace): Server {
  return createServer((request, response) => {
    response.on('error', () => {});
    answerRequest(pace, request, response).catch(() => response.destroy());
  });
}

/** What is being answered, and how. */
interface Exchange {
  pace: Pace;
  format: SimulatedFormat;
  body: JsonObject;
  answer: SimulatedAnswer;
  usage: JsonObject | undefined;
  fault: Fault | undefined;
  response: ServerResponse;
}

async function answerRequest(pace: Pace, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: unknown = JSON.parse(await text(request));
  const format = FORMATS.find(([pathEnd]) => request.url?.endsWith(pathEnd))?.[1];
  if (!format || !isJsonObject(body)) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"Unknown path."}}');
    return;
  }
  const chat = format.chatOf(body);
  const stream = body.stream === true;
  const fault = faultIn(lastText(Array.isArray(chat.messages) ? chat.messages.filter(isJsonObject) : []), body.model);
  if (fault && playWholeFault(fault, response, stream, format)) return;
  const answer = simulateAnswer(chat);
  const usage = usageWith(fault, answer, format);
  const exchange = { pace, format, body, answer, usage, fault, response };
  if (stream) await sendStream(exchange);
  else await sendWhole(exchange);
}

function usageWith(fault: Fault | undefined, answer: SimulatedAnswer, format: SimulatedFormat): JsonObject | undefined {
  if (fault?.name === 'nousage') return undefined;
  return fault?.name === 'badusage' ? format.impossibleUsage : format.usageOf(answer);
}

async function sendWhole({ pace, format, body, answer, usage, fault, response }: Exchange): Promise<void> {
  await pause(pace.firstTokenMs + pace.tokenMs * answer.pieces.length);
  const json = JSON.stringify(format.whole(answer, usage, body));
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'simulated=1' });
  if (fault?.name === 'error') response.end(JSON.stringify(format.error('Simulated error.', 500)));
  else if (fault?.name === 'eof') response.end(json.slice(0, json.length / 2));
  else if (fault?.name === 'stall') response.write(json.slice(0, json.length / 2));
  else if (fault?.name === 'cut') response.write(json.slice(0, json.length / 2), () => response.destroy());
  else response.end(json);
}

async function sendStream({ pace, format, body, answer, usage, fault, response }: Exchange): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'set-cookie': 'simulated=1' });
  response.flushHeaders();
  await pause(pace.firstTokenMs);
  let sent = 0;
  for (const step of format.steps(answer, usage, body)) {
    if (response.destroyed) return;
    if (fault && sent > fault.count && playStreamFault(fault, response, format)) return;
    response.write(step);
    sent += 1;
    if (pace.tokenMs > 0) await pause(pace.tokenMs);
  }
  response.end();
}

/** True when the fault ends the stream here. */
function playStreamFault(fault: Fault, response: ServerResponse, format: SimulatedFormat): boolean {
  // What was written so far still reaches the other side; then the connection breaks.
  if (fault.name === 'cut') response.write(': cut\n\n', () => response.destroy());
  else if (fault.name === 'eof') response.end();
  else if (fault.name === 'error') response.end(format.errorEvent('Simulated error.'));
  else return fault.name === 'stall';
  return true;
}
