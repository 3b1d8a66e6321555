import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '../../lambda/core/json-body.ts';
import { lastText, type SimulatedAnswer, simulateAnswer } from './answer.ts';
import { type Fault, faultIn, playWholeFault } from './faults.ts';
import { chunksOf, completionOf } from './openai-format.ts';

/** How fast the simulated model is. */
export interface Pace {
  firstTokenMs: number;
  tokenMs: number;
}

/** About what a small hosted model does: a quarter of a second to think, then 60 tokens a second. */
export const BELIEVABLE_PACE: Pace = { firstTokenMs: 250, tokenMs: 16 };

/** A provider that speaks OpenAI's wire at any path ending in `/chat/completions`, takes any key, and fails on request. */
export function simulatedProvider(pace: Pace): Server {
  return createServer((request, response) => {
    response.on('error', () => {});
    answerRequest(pace, request, response).catch(() => response.destroy());
  });
}

async function answerRequest(pace: Pace, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: unknown = JSON.parse(await text(request));
  if (!request.url?.endsWith('/chat/completions') || !isJsonObject(body)) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"Unknown path."}}');
    return;
  }
  const stream = body.stream === true;
  const fault = faultIn(lastText(Array.isArray(body.messages) ? body.messages.filter(isJsonObject) : []));
  if (fault && playWholeFault(fault, response, stream)) return;
  const answer = simulateAnswer(body);
  if (stream) await sendStream(pace, answer, body, fault, response);
  else await sendWhole(pace, answer, fault, response);
}

async function sendWhole(
  pace: Pace,
  answer: SimulatedAnswer,
  fault: Fault | undefined,
  response: ServerResponse,
): Promise<void> {
  await pause(pace.firstTokenMs + pace.tokenMs * answer.pieces.length);
  const json = JSON.stringify({ ...completionOf(answer), ...usageFault(fault) });
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'simulated=1' });
  if (fault?.name === 'error') response.end('{"error":{"message":"Simulated error."}}');
  else if (fault?.name === 'eof') response.end(json.slice(0, json.length / 2));
  else if (fault?.name === 'stall') response.write(json.slice(0, json.length / 2));
  else if (fault?.name === 'cut') response.write(json.slice(0, json.length / 2), () => response.destroy());
  else response.end(json);
}

async function sendStream(
  pace: Pace,
  answer: SimulatedAnswer,
  body: JsonObject,
  fault: Fault | undefined,
  response: ServerResponse,
): Promise<void> {
  const wantsUsage = isJsonObject(body.stream_options) && body.stream_options.include_usage === true;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'set-cookie': 'simulated=1' });
  response.flushHeaders();
  await pause(pace.firstTokenMs);
  let sent = 0;
  for (const chunk of chunksOf(answer, wantsUsage && fault?.name !== 'nousage')) {
    if (response.destroyed) return;
    if (fault && sent > fault.count && playStreamFault(fault, response)) return;
    const isUsage = isJsonObject(chunk.usage);
    response.write(`data: ${JSON.stringify(isUsage ? { ...chunk, ...usageFault(fault) } : chunk)}\n\n`);
    sent += 1;
    if (pace.tokenMs > 0) await pause(pace.tokenMs);
  }
  response.end('data: [DONE]\n\n');
}

/** True when the fault ends the stream here. */
function playStreamFault(fault: Fault, response: ServerResponse): boolean {
  // What was written so far still reaches the other side; then the connection breaks.
  if (fault.name === 'cut') response.write(': cut\n\n', () => response.destroy());
  else if (fault.name === 'eof') response.end();
  else if (fault.name === 'error') response.end('data: {"error":{"message":"Simulated error.","code":500}}\n\n');
  else return fault.name === 'stall';
  return true;
}

function usageFault(fault: Fault | undefined): JsonObject {
  if (fault?.name === 'nousage') return { usage: undefined };
  if (fault?.name === 'badusage') return { usage: { prompt_tokens: -5, completion_tokens: 1e308, total_tokens: 0 } };
  return {};
}
